-- Streams that were undone with an import, and that another one records again.
UPDATE file_import_record SET state = 'again'
WHERE ledger_id = $1 AND stream_id = ANY ($2::uuid[]) AND state = 'undone'
