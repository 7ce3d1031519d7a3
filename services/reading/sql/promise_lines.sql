-- $19 one promise  $20 after  $21 limit
, page AS (
    SELECT s.*
    FROM standing AS s
    WHERE ($19::uuid IS NULL OR s.promise_id = $19)
        AND ($20::uuid IS NULL OR s.promise_id > $20)
    ORDER BY s.promise_id
    LIMIT $21
)
SELECT
    p.*,
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
