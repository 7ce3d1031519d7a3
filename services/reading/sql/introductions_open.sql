-- The introductions that a party, by its ids ($2), is asked to consent to, and that wait for an answer at a moment.
-- $3 position  $4 occurred until  $5 limit
SELECT s.introduction_id, s.introducer
FROM (
    SELECT DISTINCT ON (t.introduction_id) t.*
    FROM introduction AS i
    JOIN introduction_transition AS t ON t.ledger_id = $1 AND t.introduction_id = i.introduction_id
    WHERE i.ledger_id = $1 AND (i.first = ANY ($2::uuid[]) OR i.second = ANY ($2::uuid[])) AND t.position <= $3
        AND ($4::timestamptz IS NULL OR t.occurred_at <= $4)
    ORDER BY t.introduction_id, t.position DESC
) AS s
WHERE s.status = 'proposed'
ORDER BY s.introduction_id
LIMIT $5
