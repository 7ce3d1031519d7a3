UPDATE file_import SET beat_at = $4
WHERE ledger_id = $1 AND import_id = $2 AND worker = $3 AND state IN ('running', 'undoing')
