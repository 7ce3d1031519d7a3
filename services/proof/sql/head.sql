SELECT size, root FROM log_head WHERE ledger_id = $1
