SELECT true FROM access_key WHERE ledger_id = $1 AND key_id = $2 FOR UPDATE
