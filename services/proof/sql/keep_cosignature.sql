-- A witness's latest cosignature; its bytes begin with its time. An older one, sent late or again, changes nothing.
INSERT INTO log_cosignature AS kept (ledger_id, witness, checkpoint, signature) VALUES ($1, $2, $3, $4)
ON CONFLICT (ledger_id, witness) DO UPDATE SET checkpoint = excluded.checkpoint, signature = excluded.signature
WHERE (split_part(kept.checkpoint, E'\n', 2)::bigint, kept.signature)
    < (split_part(excluded.checkpoint, E'\n', 2)::bigint, excluded.signature)
