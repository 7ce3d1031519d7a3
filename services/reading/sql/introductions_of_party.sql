-- The events of a page of the introductions that a party, by any of its ids ($2), is one of the three in; by id. $3 after
-- $4 how many introductions
SELECT e.stream_id, e.position, e.state
FROM (
    SELECT i.introduction_id
    FROM introduction AS i
    WHERE i.ledger_id = $1
        AND (i.introducer = ANY ($2::uuid[]) OR i.first = ANY ($2::uuid[]) OR i.second = ANY ($2::uuid[]))
        AND ($3::uuid IS NULL OR i.introduction_id > $3)
    ORDER BY i.introduction_id
    LIMIT $4
) AS page
JOIN event AS e ON e.ledger_id = $1 AND e.stream_id = page.introduction_id
ORDER BY e.stream_id, e.version
