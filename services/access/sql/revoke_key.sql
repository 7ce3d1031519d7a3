-- A key that was revoked before keeps the moment of the first time.
WITH links AS (
    DELETE FROM sign_in_link WHERE ledger_id = $1 AND key_id = $2
)
UPDATE access_key SET revoked_at = coalesce(revoked_at, $3)
WHERE ledger_id = $1 AND key_id = $2
RETURNING ledger_id, key_id, scopes, parties, label, created_at, expires_at, revoked_at
