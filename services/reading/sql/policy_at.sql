-- The event that holds the policy in force at a moment: the last one until then, else the first of all.
SELECT e.state
FROM event AS e
WHERE e.ledger_id = $1 AND e.stream_id = $2
    AND (
        e.version = 1
        OR e.position <= $3
        AND ($4::timestamptz IS NULL OR e.occurred_at <= $4)
    )
ORDER BY e.version DESC
LIMIT 1
