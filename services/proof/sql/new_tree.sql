INSERT INTO log_head (ledger_id, size, root) SELECT new.ledger_id, 0, $2 FROM unnest($1::text[]) AS new (ledger_id)
ON CONFLICT (ledger_id) DO NOTHING
