INSERT INTO access_key (ledger_id, key_id, secret, scopes, parties, label, created_at, expires_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8
WHERE $9 > (
    SELECT count(*) FROM access_key AS k
    WHERE k.ledger_id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $7)
)
RETURNING true
