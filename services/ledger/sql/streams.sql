SELECT e.ledger_id, e.stream_id, e.version, e.topic, e.state
FROM unnest($1::text[], $2::uuid[]) AS wanted (ledger_id, stream_id)
JOIN event AS e ON e.ledger_id = wanted.ledger_id AND e.stream_id = wanted.stream_id
ORDER BY e.ledger_id, e.stream_id, e.version
