SELECT h.ledger_id
FROM ledger_head AS h
ORDER BY h.ledger_id
