-- Whether a ledger has no event yet. Nobody else writes to it until the transaction ends.
SELECT position = 0 AS is_empty FROM ledger_head WHERE ledger_id = $1 FOR UPDATE
