-- What was said in streams so far, in order; by stream.
SELECT e.stream_id, array_agg(e.topic ORDER BY e.version) AS topics
FROM event AS e
WHERE e.ledger_id = $1 AND e.stream_id = ANY ($2::uuid[])
GROUP BY e.stream_id
