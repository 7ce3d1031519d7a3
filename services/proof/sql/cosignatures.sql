SELECT witness, signature FROM log_cosignature WHERE ledger_id = $1 AND checkpoint = $2 ORDER BY witness
