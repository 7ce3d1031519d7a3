SELECT k.ledger_id, k.key_id, k.scopes, k.parties, k.label, k.created_at, k.expires_at, k.revoked_at,
    ARRAY(
        SELECT s FROM access_secret AS s WHERE s.ledger_id = k.ledger_id AND s.key_id = k.key_id ORDER BY s.number
    ) AS secrets
FROM access_key AS k
WHERE k.ledger_id = $1 AND k.parties && $2::uuid[]
ORDER BY k.created_at, k.key_id
