SELECT EXISTS (SELECT FROM ledger_head AS h WHERE h.ledger_id = $1 AND h.position > 0)
