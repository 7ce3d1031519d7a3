SELECT e.position, e.topic, e.giver, e.receiver, e.third, e.state
FROM event AS e
WHERE e.ledger_id = $1 AND e.position > $2 AND e.position <= $3
ORDER BY e.position
