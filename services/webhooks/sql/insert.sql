-- Answers nothing where the ledger has as many as it may. It begins after the head, unless told where.
INSERT INTO webhook (ledger_id, webhook_id, url, topics, payload, signing, secret, created_at, position, next_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, h.position), $8
FROM ledger_head AS h
WHERE h.ledger_id = $1 AND (SELECT count(*) FROM webhook AS w WHERE w.ledger_id = $1) < $10
RETURNING webhook_id
