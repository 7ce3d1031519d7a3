SELECT h.ledger_id FROM ledger_head AS h WHERE h.position > 0 ORDER BY h.ledger_id LIMIT $1
