-- Who ever gave whom anything that still counts. $2 how many pairs at most
SELECT b.giver, b.receiver
FROM balance AS b
WHERE b.ledger_id = $1
GROUP BY b.giver, b.receiver
HAVING sum(b.count) > 0
LIMIT $2
