-- Parties that can be called by a name: not erased, for they have a key, and not merged ($2) into another.
SELECT p.party_id, p.named_in
FROM party AS p
WHERE p.ledger_id = $1
    AND p.party_id <> ALL ($2::uuid[])
    AND EXISTS (SELECT FROM data_key AS k WHERE k.ledger_id = $1 AND k.subject_id = p.party_id)
ORDER BY p.party_id
