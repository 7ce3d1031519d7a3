UPDATE webhook_replay AS r SET position = $4
WHERE r.ledger_id = $1 AND r.webhook_id = $2 AND r.replay_id = $3
