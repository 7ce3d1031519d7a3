SELECT person_id FROM claim WHERE ledger_id = $1 AND key_id = $2
