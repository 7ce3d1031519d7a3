-- The last events of a stream up to a position: what a repeated command is answered with.
SELECT e.position, e.version, e.topic, e.recorded_at
FROM event AS e
WHERE e.ledger_id = $1 AND e.stream_id = $2 AND e.position <= $3
ORDER BY e.version DESC
LIMIT greatest($4::int, 1)
