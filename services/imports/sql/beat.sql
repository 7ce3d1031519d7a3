UPDATE file_import SET state = $4, beat_at = $5, ended_at = $6, tally = $7
WHERE ledger_id = $1 AND import_id = $2 AND worker = $3
