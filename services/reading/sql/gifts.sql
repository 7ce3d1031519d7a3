-- A page of the gift register. $2 position  $3 occurred until  $4 giver's ids  $5 receiver's ids  $6 refused
-- $7 crossing  $8 after  $9 limit
SELECT g.favour_id, g.position, g.refused, g.over_limit, g.over_year_limit, e.state, counts.quantity AS counts
FROM gift AS g
JOIN event AS e ON e.ledger_id = g.ledger_id AND e.position = g.position
CROSS JOIN LATERAL (
    SELECT sum(p.quantity)::bigint AS quantity
    FROM event AS p
    WHERE p.ledger_id = g.ledger_id AND p.stream_id = g.favour_id AND p.position <= $2
        AND ($3::timestamptz IS NULL OR p.occurred_at <= $3)
) AS counts
WHERE g.ledger_id = $1 AND g.position <= $2
    AND ($3::timestamptz IS NULL OR g.occurred_at <= $3)
    AND ($4::uuid[] IS NULL OR g.giver = ANY ($4))
    AND ($5::uuid[] IS NULL OR g.receiver = ANY ($5))
    AND ($6::boolean IS NULL OR g.refused = $6)
    AND ($7::boolean IS NULL OR (g.over_limit OR g.over_year_limit) = $7)
    AND ($8::bigint IS NULL OR g.position > $8)
ORDER BY g.position
LIMIT $9
