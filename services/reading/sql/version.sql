-- Of a stream that is there.
SELECT max(e.version) FROM event AS e WHERE e.ledger_id = $1 AND e.stream_id = $2
