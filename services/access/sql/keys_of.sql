SELECT ledger_id, key_id, scopes, parties, label, created_at, expires_at, revoked_at
FROM access_key
WHERE ledger_id = $1 AND parties && $2::uuid[]
ORDER BY created_at, key_id
