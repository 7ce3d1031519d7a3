-- The streams of a party ($2, all its ids) that begin with one of the topics ($3), after a position in either direction.
SELECT e.stream_id, e.position
FROM (
    SELECT g.stream_id, g.position FROM event AS g
    WHERE g.ledger_id = $1 AND g.giver = ANY ($2::uuid[]) AND g.receiver IS NOT NULL AND g.receiver <> ALL ($2) AND g.topic = ANY ($3::text[])
    UNION ALL
    SELECT r.stream_id, r.position FROM event AS r
    WHERE r.ledger_id = $1 AND r.receiver = ANY ($2) AND r.giver <> ALL ($2) AND r.topic = ANY ($3::text[])
) AS e
WHERE ($4::bigint IS NULL OR e.position {after} $4)
ORDER BY e.position {direction}
LIMIT $5
