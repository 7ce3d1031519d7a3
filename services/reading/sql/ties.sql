-- How close a party, by its ids ($2), said at a moment that others are. $3 position  $4 occurred until  $5 limit
SELECT t.other, t.closeness, t.occurred_at, e.stream_id AS id
FROM (
    SELECT DISTINCT ON (s.party, s.other) s.*
    FROM tie AS s
    WHERE s.ledger_id = $1 AND s.party = ANY ($2::uuid[]) AND s.position <= $3
        AND ($4::timestamptz IS NULL OR s.occurred_at <= $4)
    ORDER BY s.party, s.other, s.position DESC
) AS t
JOIN event AS e ON e.ledger_id = $1 AND e.position = t.position
WHERE t.closeness IS NOT NULL
ORDER BY t.other, t.position
LIMIT $5
