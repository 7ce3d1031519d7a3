-- The events of streams until a moment.
SELECT e.stream_id, e.position, e.state
FROM unnest($2::uuid[]) AS wanted (stream_id)
JOIN event AS e ON e.ledger_id = $1 AND e.stream_id = wanted.stream_id
WHERE e.position <= $3
    AND ($4::timestamptz IS NULL OR e.occurred_at <= $4)
ORDER BY e.stream_id, e.version
