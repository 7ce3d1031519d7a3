UPDATE access_secret SET ends_at = $4
WHERE ledger_id = $1 AND key_id = $2 AND number = $3 AND ends_at > $4
