SELECT nullif(h.position, 0)
FROM ledger_head AS h
WHERE h.ledger_id = $1
