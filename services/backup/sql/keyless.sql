-- Parties without a key: they were erased, by this log or later.
SELECT p.ledger_id, p.party_id
FROM party AS p
WHERE NOT EXISTS (SELECT FROM data_key AS k WHERE k.ledger_id = p.ledger_id AND k.subject_id = p.party_id)
ORDER BY p.ledger_id, p.party_id
