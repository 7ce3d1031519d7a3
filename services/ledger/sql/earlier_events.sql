-- What streams were before a position.
SELECT e.stream_id, e.version, e.state
FROM unnest($2::uuid[]) AS wanted (stream_id)
JOIN event AS e ON e.ledger_id = $1 AND e.stream_id = wanted.stream_id AND e.position < $3
ORDER BY e.stream_id, e.version
