-- The log, the newest first. $2 before  $3 topics that begin so  $4 recorded until  $5 limit
SELECT e.position, e.state
FROM event AS e
WHERE e.ledger_id = $1
    AND ($2::bigint IS NULL OR e.position < $2)
    AND ($3::text IS NULL OR starts_with(e.topic, $3))
    AND ($4::timestamptz IS NULL OR e.recorded_at <= $4)
ORDER BY e.position DESC
LIMIT $5
