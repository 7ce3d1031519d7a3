SELECT e.position, e.state
FROM event AS e
WHERE e.ledger_id = $1 AND e.position > $2
ORDER BY e.position
LIMIT $3
