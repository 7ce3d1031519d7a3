SELECT h.position FROM ledger_head AS h WHERE h.ledger_id = $1
