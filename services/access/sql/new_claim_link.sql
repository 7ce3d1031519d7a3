WITH cleared AS (
    DELETE FROM claim_link WHERE ledger_id = $1 AND expires_at <= $5
)
INSERT INTO claim_link (ledger_id, token, party_id, expires_at) VALUES ($1, $2, $3, $4)
