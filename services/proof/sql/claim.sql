SELECT size FROM log_head WHERE ledger_id = $1 FOR UPDATE SKIP LOCKED
