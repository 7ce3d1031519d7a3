-- What promises came to, the latest first, by the event that said so. $27 seen by (all its ids)
-- $28 how many at most
SELECT
    s.promise_id,
    s.promisor,
    s.promisee,
    s.assessor,
    s.topic AS subject,
    s.status,
    s.fraction,
    s.made_at,
    s.due_by AS due,
    s.ended_at,
    e.position,
    e.topic,
    CASE WHEN e.topic = 'promise.settled' THEN e.state END AS settled
FROM standing AS s
CROSS JOIN LATERAL (
    SELECT min(t.position) AS position
    FROM promise_transition AS t
    WHERE t.ledger_id = $1 AND t.promise_id = s.promise_id AND t.position <= s.position
        AND t.status = s.status AND t.ended_at = s.ended_at
) AS decided
JOIN event AS e ON e.ledger_id = $1 AND e.position = decided.position
WHERE s.standing IN ('kept_on_time', 'kept_late', 'partly_kept', 'broken', 'reneged')
    AND ($27::uuid[] IS NULL OR s.promisee = ANY ($27) OR (s.assessor = ANY ($27) AND e.topic IN ('promise.assessed', 'promise.settled')))
ORDER BY e.position DESC
LIMIT $28
