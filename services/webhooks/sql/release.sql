UPDATE webhook AS w SET lease = NULL, leased_until = now()
WHERE w.ledger_id = $1 AND w.webhook_id = $2 AND w.lease = $3
