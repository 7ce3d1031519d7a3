SELECT witness, checkpoint, signature FROM log_cosignature WHERE ledger_id = $1 ORDER BY witness
