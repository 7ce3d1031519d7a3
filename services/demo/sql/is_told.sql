SELECT EXISTS (SELECT FROM event AS e WHERE e.ledger_id = $1 AND e.stream_id = $2 AND e.version = 1)
