UPDATE ledger_head SET position = $2, recorded_at = $3 WHERE ledger_id = $1
