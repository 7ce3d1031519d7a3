-- How the ledger was opened, and whether what came after it, if anything, began with this party ($3).
SELECT e.recorded_at, e.state, h.position = 1 OR p.party_id IS NOT NULL AS ours
FROM ledger_head AS h
JOIN event AS e ON e.ledger_id = h.ledger_id AND e.stream_id = $2 AND e.version = 1
LEFT JOIN party AS p ON p.ledger_id = h.ledger_id AND p.party_id = $3
WHERE h.ledger_id = $1
