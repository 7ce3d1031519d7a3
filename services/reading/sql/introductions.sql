SELECT e.stream_id, e.position
FROM event AS e
WHERE e.ledger_id = $1 AND e.topic = 'introduction.proposed' AND e.position > $2
ORDER BY e.position
LIMIT $3
