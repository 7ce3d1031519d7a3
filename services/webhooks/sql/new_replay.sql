-- Only what the endpoint has been told, or would have been: what comes later comes by itself.
INSERT INTO webhook_replay (ledger_id, webhook_id, replay_id, position, until)
SELECT $1, $2, $3, $4, least($5, w.position)
FROM webhook AS w
WHERE w.ledger_id = $1 AND w.webhook_id = $2
    AND (SELECT count(*) FROM webhook_replay AS r WHERE r.ledger_id = $1 AND r.webhook_id = $2) < $6
RETURNING until
