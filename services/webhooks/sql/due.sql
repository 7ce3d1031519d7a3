SELECT d.position, d.stream_id, d.tries, d.first_at, e.state
FROM webhook_delivery AS d
JOIN event AS e ON e.ledger_id = d.ledger_id AND e.position = d.position
WHERE d.ledger_id = $1 AND d.webhook_id = $2 AND d.next_at <= $3
ORDER BY d.position
LIMIT $4
