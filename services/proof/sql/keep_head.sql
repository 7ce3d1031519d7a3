UPDATE log_head SET size = $2, root = $3 WHERE ledger_id = $1
