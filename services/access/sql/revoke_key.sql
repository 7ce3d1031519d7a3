-- A key that was revoked before keeps the moment of the first time.
WITH links AS (
    DELETE FROM sign_in_link WHERE ledger_id = $1 AND key_id = $2
)
UPDATE access_key AS k SET revoked_at = coalesce(k.revoked_at, $3)
WHERE k.ledger_id = $1 AND k.key_id = $2
RETURNING k.ledger_id, k.key_id, k.scopes, k.parties, k.label, k.created_at, k.expires_at, k.revoked_at,
    ARRAY(
        SELECT s FROM access_secret AS s WHERE s.ledger_id = k.ledger_id AND s.key_id = k.key_id ORDER BY s.number
    ) AS secrets
