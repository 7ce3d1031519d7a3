INSERT INTO file_import_record (ledger_id, import_id, number, kind, stream_id, state)
SELECT $1, $2, n.number, n.kind, n.stream_id, 'recorded'
FROM unnest($3::integer[], $4::text[], $5::uuid[]) AS n (number, kind, stream_id)
ON CONFLICT (ledger_id, import_id, number) DO NOTHING
