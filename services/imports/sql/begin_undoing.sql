UPDATE file_import SET state = 'undoing', worker = $4, beat_at = $3, ended_at = NULL
WHERE ledger_id = $1 AND import_id = $2 AND (state IN ('done', 'undone') OR beat_at < $5)
RETURNING import_id
