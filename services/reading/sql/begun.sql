-- The streams that a stretch of the log ($2 to $3) begins with one of the topics ($4), in either direction; none between
-- two ids of one party.
SELECT e.stream_id, e.position
FROM event AS e
WHERE e.ledger_id = $1 AND e.position BETWEEN $2 AND $3 AND e.topic = ANY ($4::text[])
    AND root_of(e.giver, $6::uuid[], $7::uuid[]) <> root_of(e.receiver, $6, $7)
ORDER BY e.position {direction}
LIMIT $5
