SELECT e.position, e.state
FROM event AS e
WHERE e.ledger_id = $1 AND e.position > $2 AND e.position <= $4
    AND ($5::text[] IS NULL OR e.topic = ANY ($5))
    AND ($6::uuid IS NULL OR $6 IN (e.giver, e.receiver, e.third))
ORDER BY e.position
LIMIT $3
