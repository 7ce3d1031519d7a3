-- A party's events, the latest first. $2 position  $3 occurred until  $4 before  $5 limit
-- $6 after this position  $7 the party's ids
SELECT e.position, e.state
FROM (
    SELECT g.position FROM event AS g
    WHERE g.ledger_id = $1 AND g.giver = ANY ($7::uuid[]) AND g.receiver IS NOT NULL
    UNION
    SELECT r.position FROM event AS r
    WHERE r.ledger_id = $1 AND r.receiver = ANY ($7::uuid[])
    UNION
    SELECT t.position FROM event AS t
    WHERE t.ledger_id = $1 AND t.third = ANY ($7::uuid[])
    UNION
    SELECT s.position FROM event AS s
    WHERE s.ledger_id = $1 AND s.stream_id = ANY ($7::uuid[])
) AS found
JOIN event AS e ON e.ledger_id = $1 AND e.position = found.position
WHERE e.position <= $2
    AND ($3::timestamptz IS NULL OR e.occurred_at <= $3)
    AND ($4::bigint IS NULL OR e.position < $4)
    AND ($6::bigint IS NULL OR e.position > $6)
ORDER BY e.position DESC
LIMIT $5
