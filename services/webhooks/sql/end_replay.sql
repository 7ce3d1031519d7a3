DELETE FROM webhook_replay AS r
WHERE r.ledger_id = $1 AND r.webhook_id = $2 AND r.replay_id = $3
