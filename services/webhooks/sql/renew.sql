-- Answers nothing where the lease went to another process, or the endpoint was disabled or removed.
UPDATE webhook AS w SET leased_until = now() + $4::interval
WHERE w.ledger_id = $1 AND w.webhook_id = $2 AND w.lease = $3 AND w.disabled_at IS NULL
RETURNING w.*
