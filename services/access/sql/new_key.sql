WITH made AS (
    INSERT INTO access_key (ledger_id, key_id, scopes, parties, label, created_at, expires_at)
    SELECT $1, $2, $4, $5, $6, $7, $8
    WHERE $9 > (
        SELECT count(*) FROM access_key AS k
        WHERE k.ledger_id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $7)
    )
    RETURNING ledger_id, key_id, created_at
)
INSERT INTO access_secret (ledger_id, key_id, number, hash, created_at)
SELECT $1, m.key_id, 1, $3, m.created_at FROM made AS m
RETURNING true
