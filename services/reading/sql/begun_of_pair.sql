-- The streams between two parties ($2 and $3, all ids of either) that begin with one of the topics ($4), after a position
-- in either direction.
SELECT e.stream_id, e.position
FROM (
    SELECT g.stream_id, g.position FROM event AS g
    WHERE g.ledger_id = $1 AND g.giver = ANY ($2::uuid[]) AND g.receiver = ANY ($3::uuid[]) AND g.topic = ANY ($4::text[])
    UNION ALL
    SELECT r.stream_id, r.position FROM event AS r
    WHERE r.ledger_id = $1 AND r.giver = ANY ($3) AND r.receiver = ANY ($2) AND r.topic = ANY ($4::text[])
) AS e
WHERE ($5::bigint IS NULL OR e.position {after} $5)
ORDER BY e.position {direction}
LIMIT $6
