-- A party's calendar has one address at a time: a new one takes the place of the last. $1 ledger  $2 party  $3 token  $4 now
INSERT INTO calendar_address (ledger_id, party_id, token, created_at)
SELECT p.ledger_id, p.party_id, $3, $4
FROM data_key AS k
JOIN party AS p ON p.ledger_id = k.ledger_id AND p.party_id = k.subject_id
WHERE k.ledger_id = $1 AND k.subject_id = $2
ON CONFLICT (ledger_id, party_id) DO UPDATE SET token = excluded.token, created_at = excluded.created_at
RETURNING true
