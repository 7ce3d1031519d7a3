UPDATE webhook SET secret = $3, old_secret = secret, old_ends_at = $4
WHERE ledger_id = $1 AND webhook_id = $2
RETURNING webhook_id
