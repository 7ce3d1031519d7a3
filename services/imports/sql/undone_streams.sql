-- Which of these streams were undone with the import that recorded them.
SELECT DISTINCT r.stream_id
FROM file_import_record AS r
WHERE r.ledger_id = $1 AND r.stream_id = ANY ($2::uuid[]) AND r.state = 'undone'
