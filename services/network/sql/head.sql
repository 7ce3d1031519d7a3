-- How far the ledger is.
SELECT h.position, h.recorded_at FROM ledger_head AS h WHERE h.ledger_id = $1
