-- A party is registered where it has a data key; the nil UUID's is the ledger's own.
SELECT wanted.party_id
FROM unnest($2::uuid[]) AS wanted (party_id)
WHERE wanted.party_id = '00000000-0000-0000-0000-000000000000'
    OR NOT EXISTS (SELECT FROM data_key AS k WHERE k.ledger_id = $1 AND k.subject_id = wanted.party_id)
LIMIT 1
