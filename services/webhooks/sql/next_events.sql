SELECT e.position, e.stream_id, e.state
FROM event AS e
WHERE e.ledger_id = $1 AND e.position > $2 AND e.position <= $3
    AND ($5::text[] IS NULL OR e.topic = ANY ($5))
ORDER BY e.position
LIMIT $4
