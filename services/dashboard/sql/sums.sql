-- What was given in a ledger, by unit; nothing between the ids of one party ($2, null where there are none, and $3).
WITH typed AS (
    SELECT $2::uuid[], $3::uuid[]  -- says of which type they are, also where no condition needs them
)
SELECT b.unit, sum(b.quantity)::bigint AS given, sum(b.disputed)::bigint AS disputed, sum(b.count)::bigint AS count
FROM balance AS b
WHERE b.ledger_id = $1
    AND ($2::uuid[] IS NULL OR root_of(b.giver, $2, $3) <> root_of(b.receiver, $2, $3))
GROUP BY b.unit
