-- A page of a ledger's log for folding: the events of some topics, and those with a posting where $5. Bytes only for
-- the topics whose streams' states are asked for.
SELECT e.ledger_id, e.position, e.stream_id, e.version, e.topic, e.giver, e.receiver, e.third, e.unit, e.quantity,
    e.count, e.disputed, e.occurred_at, e.recorded_at,
    CASE WHEN e.topic = ANY ($6::text[]) THEN e.state ELSE '' END AS state
FROM event AS e
WHERE e.ledger_id = $1 AND e.position > $2 AND e.position <= $3
  AND (e.topic = ANY ($4::text[]) OR ($5 AND e.unit IS NOT NULL))
ORDER BY e.position
LIMIT $7
