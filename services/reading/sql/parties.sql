SELECT p.party_id
FROM party AS p
WHERE p.ledger_id = $1
    AND ($2::uuid IS NULL OR p.party_id > $2)
ORDER BY p.party_id
LIMIT $3
