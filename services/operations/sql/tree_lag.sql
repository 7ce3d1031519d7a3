SELECT count(*) AS ledgers, coalesce(sum(h.position - coalesce(l.size, 0)), 0)::bigint AS events
FROM ledger_head AS h
LEFT JOIN log_head AS l ON l.ledger_id = h.ledger_id
WHERE h.position > coalesce(l.size, 0)
