-- The trees that are behind their logs, those first that lack least; is_new: where there is none yet.
SELECT h.ledger_id, l.ledger_id IS NULL AS is_new
FROM ledger_head AS h
LEFT JOIN log_head AS l ON l.ledger_id = h.ledger_id
WHERE h.position > coalesce(l.size, 0)
ORDER BY h.position - coalesce(l.size, 0), h.ledger_id
LIMIT $1
