SELECT r.number, r.kind, r.stream_id, r.state
FROM file_import_record AS r
WHERE r.ledger_id = $1 AND r.import_id = $2
ORDER BY r.kind = 'party', r.number DESC
