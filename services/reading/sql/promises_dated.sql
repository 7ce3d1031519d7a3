-- Promises that are open and due until a moment, by date. $27 due until  $28 limit
, page AS (
    SELECT s.*
    FROM standing AS s
    WHERE s.due_by <= $27::timestamptz
    ORDER BY s.due_by, s.promise_id
    LIMIT $28
)
SELECT p.*, e.state, '{}'::bigint[] AS positions
FROM page AS p
JOIN event AS e ON e.ledger_id = $1 AND e.stream_id = p.promise_id AND e.version = p.worded_in
ORDER BY p.due_by, p.promise_id
