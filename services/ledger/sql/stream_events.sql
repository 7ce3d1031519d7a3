-- The events of one stream in a range of versions, a limit of null being none.
SELECT e.stream_id, e.version, e.topic, e.state
FROM event AS e
WHERE e.ledger_id = $1 AND e.stream_id = $2
  AND e.version > coalesce($3::bigint, -9223372036854775808)
  AND e.version <= coalesce($4::bigint, 9223372036854775807)
ORDER BY e.version {direction}
LIMIT $5
