-- What was given in a ledger, by unit; nothing between the ids of one party ($2, $3).
SELECT b.unit, sum(b.quantity)::bigint AS given, sum(b.disputed)::bigint AS disputed
FROM balance AS b
WHERE b.ledger_id = $1 AND root_of(b.giver, $2::uuid[], $3::uuid[]) <> root_of(b.receiver, $2, $3)
GROUP BY b.unit
ORDER BY sum(b.count) DESC, b.unit
