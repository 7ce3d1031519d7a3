-- The same, only those that said what they know about, under one of their ids. $5 those that stand for merged ones
SELECT p.party_id
FROM party AS p
WHERE p.ledger_id = $1
    AND ($2::uuid IS NULL OR p.party_id > $2)
    AND p.party_id <> ALL ($4::uuid[])
    AND (p.knowledge_in IS NOT NULL OR p.party_id = ANY ($5::uuid[]))
ORDER BY p.party_id
LIMIT $3
