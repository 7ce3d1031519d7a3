-- The events of a page of introductions, by id. $2 after  $3 how many introductions
SELECT e.stream_id, e.position, e.state
FROM (
    SELECT i.introduction_id
    FROM introduction AS i
    WHERE i.ledger_id = $1
        AND ($2::uuid IS NULL OR i.introduction_id > $2)
    ORDER BY i.introduction_id
    LIMIT $3
) AS page
JOIN event AS e ON e.ledger_id = $1 AND e.stream_id = page.introduction_id
ORDER BY e.stream_id, e.version
