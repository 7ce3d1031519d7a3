WITH cleared AS (
    DELETE FROM sign_in_link WHERE ledger_id = $1 AND expires_at <= $5
)
INSERT INTO sign_in_link (ledger_id, token, key_id, expires_at, only_here) VALUES ($1, $2, $3, $4, $6)
