-- The merges of parties and their takings back until a moment, in order.
SELECT a.party_id, a.into_id, a.occurred_at
FROM party_alias AS a
WHERE a.ledger_id = $1 AND a.position <= $2
    AND ($3::timestamptz IS NULL OR a.occurred_at <= $3)
ORDER BY a.position
