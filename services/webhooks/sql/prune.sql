DELETE FROM webhook_attempt AS a
WHERE a.ledger_id = $1 AND a.webhook_id = $2 AND a.attempted_at < $3
