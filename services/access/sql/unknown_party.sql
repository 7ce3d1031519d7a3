-- A party is registered where it has a data key.
SELECT wanted.party_id
FROM unnest($2::uuid[]) AS wanted (party_id)
WHERE NOT EXISTS (SELECT FROM data_key AS k WHERE k.ledger_id = $1 AND k.subject_id = wanted.party_id)
LIMIT 1
