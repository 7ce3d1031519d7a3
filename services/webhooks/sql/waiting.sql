SELECT d.stream_id, count(*) AS events
FROM webhook_delivery AS d
WHERE d.ledger_id = $1 AND d.webhook_id = $2 AND d.dead_at IS NULL
GROUP BY d.stream_id
