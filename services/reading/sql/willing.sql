-- Which of some parties agreed to be found, and were not erased since: then they have no key any more.
SELECT p.party_id
FROM party AS p
JOIN data_key AS k ON k.ledger_id = p.ledger_id AND k.subject_id = p.party_id
WHERE p.ledger_id = $1 AND p.party_id = ANY ($2::uuid[]) AND p.findable
