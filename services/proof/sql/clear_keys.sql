-- The key of a ledger that was about to be opened, and sealed nothing.
DELETE FROM data_key WHERE ledger_id = $1
