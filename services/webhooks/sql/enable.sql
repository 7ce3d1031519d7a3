UPDATE webhook
SET disabled_at = NULL, disabled_for = NULL, failures = 0, failing_since = NULL, next_at = $3
WHERE ledger_id = $1 AND webhook_id = $2 AND disabled_at IS NOT NULL
RETURNING webhook_id
