DELETE FROM idempotency AS i
USING unnest($1::text[], $2::bytea[]) AS wanted (ledger_id, key)
WHERE i.ledger_id = wanted.ledger_id AND i.key = wanted.key AND i.expires_at <= $3
