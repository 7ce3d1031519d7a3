-- What events are and when they were, by position. $1 ledger  $2 positions
SELECT e.position, e.topic, e.occurred_at, e.recorded_at
FROM event AS e
WHERE e.ledger_id = $1 AND e.position = ANY ($2::bigint[])
