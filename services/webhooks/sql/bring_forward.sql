-- What was to be tried later is tried now.
UPDATE webhook_delivery SET next_at = $3
WHERE ledger_id = $1 AND webhook_id = $2 AND next_at > $3
