INSERT INTO log_head (ledger_id, size, root) VALUES ($1, 0, $2)
ON CONFLICT (ledger_id) DO NOTHING
