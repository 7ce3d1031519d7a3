UPDATE webhook SET disabled_at = $3, disabled_for = 'request'
WHERE ledger_id = $1 AND webhook_id = $2 AND disabled_at IS NULL
