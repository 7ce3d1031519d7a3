INSERT INTO ledger_head (ledger_id, position, recorded_at) VALUES ($1, 0, '0001-01-01T00:00:00Z')
ON CONFLICT (ledger_id) DO NOTHING
