SELECT ledger_id, key_id, secret, scopes, parties, label, created_at, expires_at, revoked_at
FROM access_key
WHERE ledger_id = $1 AND key_id = $2
