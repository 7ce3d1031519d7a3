INSERT INTO log_cosignature (ledger_id, witness, checkpoint, signature) VALUES ($1, $2, $3, $4)
ON CONFLICT (ledger_id, witness) DO UPDATE SET checkpoint = excluded.checkpoint, signature = excluded.signature
