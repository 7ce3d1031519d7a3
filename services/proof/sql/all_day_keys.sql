SELECT day, wrapped FROM day_key WHERE ledger_id = $1 ORDER BY day
