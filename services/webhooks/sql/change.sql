UPDATE webhook SET url = $3, topics = $4, payload = $5
WHERE ledger_id = $1 AND webhook_id = $2
RETURNING webhook_id
