-- Leases go by the database's own clock, which all processes share.
WITH free AS (
    SELECT w.ledger_id, w.webhook_id
    FROM webhook AS w
    WHERE w.ledger_id = $1 AND w.webhook_id = $2
        AND w.disabled_at IS NULL AND (w.leased_until IS NULL OR w.leased_until < now())
    FOR UPDATE SKIP LOCKED
)
UPDATE webhook AS w SET lease = $3, leased_until = now() + $4::interval
FROM free
WHERE w.ledger_id = free.ledger_id AND w.webhook_id = free.webhook_id
RETURNING true
