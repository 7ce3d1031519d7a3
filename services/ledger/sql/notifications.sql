-- A page of a ledger's log, of all topics where none are named.
SELECT e.position, e.stream_id, e.version, e.topic, e.state
FROM event AS e
WHERE e.ledger_id = $1 AND e.position >= $2
  AND e.position <= coalesce($3::bigint, 9223372036854775807)
  AND ($4::text[] = '{}' OR e.topic = ANY ($4::text[]))
ORDER BY e.position
LIMIT $5
