INSERT INTO claim (ledger_id, key_id, party_id, person_id, claimed_at) VALUES ($1, $2, $3, $4, $5)
