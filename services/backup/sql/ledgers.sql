SELECT h.ledger_id, h.position FROM ledger_head AS h ORDER BY h.ledger_id
