SELECT r.replay_id, r.position, r.until
FROM webhook_replay AS r
WHERE r.ledger_id = $1 AND r.webhook_id = $2
ORDER BY r.replay_id
LIMIT 1
