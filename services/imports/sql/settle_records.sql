UPDATE file_import_record AS r SET state = s.state
FROM unnest($3::integer[], $4::text[]) AS s (number, state)
WHERE r.ledger_id = $1 AND r.import_id = $2 AND r.number = s.number
