-- Promises that are open and due until a moment, by date. $27 due until  $28 limit
, page AS (
    SELECT s.*
    FROM standing AS s
    WHERE s.due_by <= $27::timestamptz
    ORDER BY s.due_by, s.promise_id
    LIMIT $28
)
SELECT
    p.promise_id, p.promisor, p.promisee, p.assessor, p.status, p.standing, p.overdue, p.coming_late, p.unit, p.quantity,
    p.fraction, p.delivered, p.topic, p.begun_at, p.made_at, p.due_by, p.delivered_at, p.ended_at, p.lateness_s, p.notice_s,
    p.notice_share, p.declined, p.terms_changed, p.terms_from, p.newcomer, p.delegated_from, p.assigned_from,
    e.state,
    '{}'::bigint[] AS positions
FROM page AS p
JOIN event AS e ON e.ledger_id = $1 AND e.stream_id = p.promise_id AND e.version = p.worded_in
ORDER BY p.due_by, p.promise_id
