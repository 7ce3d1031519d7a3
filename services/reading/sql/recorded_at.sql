SELECT e.recorded_at FROM event AS e WHERE e.ledger_id = $1 AND e.position = $2
