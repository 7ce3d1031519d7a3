SELECT h.ledger_id, h.position
FROM ledger_head AS h
WHERE h.ledger_id = ANY ($1::text[])
