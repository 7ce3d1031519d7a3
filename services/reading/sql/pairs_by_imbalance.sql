-- A page of pairs (a < b) by the size of their net in one unit, largest first; all, or those of one party.
SELECT pair.a, pair.b, pair.imbalance
FROM (
    SELECT
        least(b.giver, b.receiver) AS a,
        greatest(b.giver, b.receiver) AS b,
        abs(sum(CASE WHEN b.giver < b.receiver THEN b.quantity ELSE -b.quantity END))::bigint AS imbalance
    FROM balance AS b
    WHERE b.ledger_id = $1 AND b.unit = $2
        AND ($3::uuid IS NULL OR b.giver = $3 OR b.receiver = $3)
    GROUP BY least(b.giver, b.receiver), greatest(b.giver, b.receiver)
) AS pair
WHERE $4::bigint IS NULL
    OR pair.imbalance < $4
    OR (pair.imbalance = $4 AND (pair.a, pair.b) > ($5::uuid, $6::uuid))
ORDER BY pair.imbalance DESC, pair.a, pair.b
LIMIT $7
