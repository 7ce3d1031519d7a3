-- The introductions that a party is one of the three in.
SELECT e.stream_id, e.position
FROM (
    SELECT g.stream_id, g.position FROM event AS g
    WHERE g.ledger_id = $1 AND g.giver = $2 AND g.receiver IS NOT NULL AND g.topic = 'introduction.proposed'
    UNION ALL
    SELECT r.stream_id, r.position FROM event AS r
    WHERE r.ledger_id = $1 AND r.receiver = $2 AND r.topic = 'introduction.proposed'
    UNION ALL
    SELECT t.stream_id, t.position FROM event AS t
    WHERE t.ledger_id = $1 AND t.third = $2 AND t.topic = 'introduction.proposed'
) AS e
WHERE e.position > $3
ORDER BY e.position
LIMIT $4
