-- What was given from giver to receiver, for each direction asked about.
SELECT b.giver, b.receiver, b.unit, b.kind, b.quantity, b.count, b.disputed, b.disputed_count, b.last_at
FROM unnest($2::uuid[], $3::uuid[]) AS wanted (giver, receiver)
JOIN balance AS b ON b.ledger_id = $1 AND b.giver = wanted.giver AND b.receiver = wanted.receiver
ORDER BY b.giver, b.receiver, b.unit, b.kind
