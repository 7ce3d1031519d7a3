-- The parties, in the order of their ids, and whether each was erased: then it has no key any more. $2 how many at most
SELECT p.party_id, k.subject_id IS NULL AS erased
FROM party AS p
LEFT JOIN data_key AS k ON k.ledger_id = p.ledger_id AND k.subject_id = p.party_id
WHERE p.ledger_id = $1
ORDER BY p.party_id
LIMIT $2
