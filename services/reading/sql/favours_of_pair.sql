-- The favours between two parties, after a position in either direction.
SELECT e.stream_id, e.position
FROM (
    SELECT g.stream_id, g.position FROM event AS g
    WHERE g.ledger_id = $1 AND g.giver = $2 AND g.receiver = $3 AND g.topic = 'favour.recorded'
    UNION ALL
    SELECT r.stream_id, r.position FROM event AS r
    WHERE r.ledger_id = $1 AND r.giver = $3 AND r.receiver = $2 AND r.topic = 'favour.recorded'
) AS e
WHERE ($4::bigint IS NULL OR e.position {after} $4)
ORDER BY e.position {direction}
LIMIT $5
