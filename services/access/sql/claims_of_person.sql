SELECT ledger_id, key_id, party_id
FROM claim
WHERE person_id = $1
ORDER BY ledger_id, claimed_at
LIMIT $2
