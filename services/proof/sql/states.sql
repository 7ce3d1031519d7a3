-- The canonical bytes of the events at some positions.
SELECT position, state FROM event WHERE ledger_id = $1 AND position = ANY ($2::bigint[])
