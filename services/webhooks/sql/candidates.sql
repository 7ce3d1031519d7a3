-- Endpoints that nobody delivers to at the moment, and for which there is something to do; whoever waited longest first.
SELECT w.ledger_id, w.webhook_id
FROM webhook AS w
JOIN ledger_head AS h ON h.ledger_id = w.ledger_id
WHERE w.disabled_at IS NULL
    AND (w.leased_until IS NULL OR w.leased_until < now())
    AND (
        EXISTS (
            SELECT FROM webhook_delivery AS d
            WHERE d.ledger_id = w.ledger_id AND d.webhook_id = w.webhook_id AND d.next_at <= $1
        )
        OR w.next_at <= $1
        AND (
            w.position < h.position
            OR EXISTS (SELECT FROM webhook_replay AS r WHERE r.ledger_id = w.ledger_id AND r.webhook_id = w.webhook_id)
        )
        AND $2 > (
            SELECT count(*) FROM webhook_delivery AS d
            WHERE d.ledger_id = w.ledger_id AND d.webhook_id = w.webhook_id AND d.dead_at IS NULL
        )
    )
ORDER BY w.leased_until NULLS FIRST
LIMIT $3
