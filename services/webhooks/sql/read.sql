SELECT
    w.ledger_id, w.webhook_id, w.url, w.topics, w.payload, w.signing, w.secret, w.old_secret, w.old_ends_at, w.created_at,
    w.disabled_at, w.disabled_for, w.position, w.failures, w.failing_since, w.next_at,
    (SELECT count(*) FROM webhook_delivery AS d
     WHERE d.ledger_id = w.ledger_id AND d.webhook_id = w.webhook_id AND d.dead_at IS NULL) AS waiting,
    (SELECT count(*) FROM webhook_delivery AS d
     WHERE d.ledger_id = w.ledger_id AND d.webhook_id = w.webhook_id AND d.dead_at IS NOT NULL) AS dead
FROM webhook AS w
WHERE w.ledger_id = $1 AND ($2::uuid IS NULL OR w.webhook_id = $2)
ORDER BY w.webhook_id
