-- The merges of parties and their takings back, in order.
SELECT a.ledger_id, a.party_id, a.into_id, a.occurred_at
FROM party_alias AS a
WHERE a.ledger_id = ANY ($1::text[])
ORDER BY a.ledger_id, a.position
