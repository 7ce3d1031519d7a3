SELECT a.position, a.attempted_at, a.status, a.error, a.latency_ms
FROM webhook_attempt AS a
WHERE a.ledger_id = $1 AND a.webhook_id = $2 AND a.position = ANY ($3::bigint[])
ORDER BY a.position, a.attempted_at
