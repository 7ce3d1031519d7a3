-- Answers nothing where the lease went to another process, or the endpoint was disabled or removed.
UPDATE webhook AS w SET leased_until = now() + $4::interval
WHERE w.ledger_id = $1 AND w.webhook_id = $2 AND w.lease = $3 AND w.disabled_at IS NULL
RETURNING
    w.ledger_id, w.webhook_id, w.url, w.topics, w.payload, w.signing, w.secret, w.old_secret, w.old_ends_at, w.created_at,
    w.disabled_at, w.disabled_for, w.position, w.failures, w.failing_since, w.next_at
