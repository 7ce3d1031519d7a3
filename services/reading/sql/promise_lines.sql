-- $27 one promise  $28 after  $29 limit
, page AS (
    SELECT s.*
    FROM standing AS s
    WHERE ($27::uuid IS NULL OR s.promise_id = $27)
        AND ($28::uuid IS NULL OR s.promise_id > $28)
    ORDER BY s.promise_id
    LIMIT $29
)
SELECT
    p.promise_id, p.promisor, p.promisee, p.assessor, p.status, p.standing, p.overdue, p.coming_late, p.unit, p.quantity,
    p.fraction, p.delivered, p.topic, p.begun_at, p.made_at, p.due_by, p.delivered_at, p.ended_at, p.lateness_s, p.notice_s,
    p.notice_share, p.declined, p.terms_changed, p.terms_from, p.newcomer, p.delegated_from, p.assigned_from,
    e.state,
    ARRAY(
        SELECT t.position
        FROM promise_transition AS t
        WHERE t.ledger_id = $1 AND t.promise_id = p.promise_id
            AND t.position <= $2
            AND ($3::timestamptz IS NULL OR t.occurred_at <= $3)
        ORDER BY t.position
    ) AS positions
FROM page AS p
JOIN event AS e ON e.ledger_id = $1 AND e.stream_id = p.promise_id AND e.version = p.worded_in
ORDER BY p.promise_id
