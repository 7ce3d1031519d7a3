-- The streams that a stretch of the log ($2 to $3) begins with one of the topics ($4), in either direction.
SELECT e.stream_id, e.position
FROM event AS e
WHERE e.ledger_id = $1 AND e.position BETWEEN $2 AND $3 AND e.topic = ANY ($4::text[])
ORDER BY e.position {direction}
LIMIT $5
