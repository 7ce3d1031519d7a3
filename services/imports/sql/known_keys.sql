SELECT count(*) FROM idempotency WHERE ledger_id = $1 AND key = ANY ($2::bytea[])
