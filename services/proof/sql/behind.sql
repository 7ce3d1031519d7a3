SELECT h.ledger_id
FROM ledger_head AS h
LEFT JOIN log_head AS l ON l.ledger_id = h.ledger_id
WHERE h.position > coalesce(l.size, 0)
ORDER BY h.ledger_id
LIMIT $1
