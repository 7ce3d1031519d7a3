-- A page of parties by id. $4 merged ones, which those show that stand for them
SELECT p.party_id
FROM party AS p
WHERE p.ledger_id = $1
    AND ($2::uuid IS NULL OR p.party_id > $2)
    AND p.party_id <> ALL ($4::uuid[])
ORDER BY p.party_id
LIMIT $3
