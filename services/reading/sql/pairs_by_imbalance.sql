-- A page of pairs (a < b) by the size of their net in one unit, largest first; all, or those of one party ($3, all its
-- ids). Merged parties ($8, null where there are none) count as those that stand for them ($9).
WITH typed AS (
    SELECT $8::uuid[], $9::uuid[]  -- says of which type they are, also where no condition needs them
)
SELECT pair.a, pair.b, pair.imbalance
FROM (
    SELECT
        least(r.giver, r.receiver) AS a,
        greatest(r.giver, r.receiver) AS b,
        abs(sum(CASE WHEN r.giver < r.receiver THEN r.quantity ELSE -r.quantity END))::bigint AS imbalance
    FROM (
        SELECT
            CASE WHEN $8 IS NULL THEN b.giver ELSE root_of(b.giver, $8, $9) END AS giver,
            CASE WHEN $8 IS NULL THEN b.receiver ELSE root_of(b.receiver, $8, $9) END AS receiver,
            b.quantity
        FROM balance AS b
        WHERE b.ledger_id = $1 AND b.unit = $2
            AND ($3::uuid[] IS NULL OR b.giver = ANY ($3) OR b.receiver = ANY ($3))
    ) AS r
    WHERE r.giver <> r.receiver
    GROUP BY least(r.giver, r.receiver), greatest(r.giver, r.receiver)
) AS pair
WHERE $4::bigint IS NULL
    OR pair.imbalance < $4
    OR (pair.imbalance = $4 AND (pair.a, pair.b) > ($5::uuid, $6::uuid))
ORDER BY pair.imbalance DESC, pair.a, pair.b
LIMIT $7
