SELECT d.position, d.tries, d.next_at, d.dead_at, true AS is_open
FROM webhook_delivery AS d
WHERE d.ledger_id = $1 AND d.webhook_id = $2 AND d.position < $3 AND (d.dead_at IS NOT NULL) = $5
ORDER BY d.position DESC
LIMIT $4
