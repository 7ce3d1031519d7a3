-- The positions of the events of promises until a moment.
SELECT t.promise_id, array_agg(t.position ORDER BY t.position) AS positions
FROM promise_transition AS t
WHERE t.ledger_id = $1 AND t.promise_id = ANY ($2::uuid[])
    AND t.position <= $3
    AND ($4::timestamptz IS NULL OR t.occurred_at <= $4)
GROUP BY t.promise_id
