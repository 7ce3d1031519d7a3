-- The pairs with the largest imbalances in each of some units ($2); ``given`` went from a to b. All pairs of the ledger, or
-- those of one party ($3, all its ids, the root's first), which then is a. Merged parties ($5, null where there are none)
-- count as those that stand for them ($6). What went one way is half of what went either way and the net.
WITH typed AS (
    SELECT $5::uuid[], $6::uuid[]  -- says of which type they are, also where no condition needs them
)
SELECT
    u.unit,
    largest.a,
    largest.b,
    ((largest.either_way + largest.net) / 2)::bigint AS given,
    ((largest.either_way - largest.net) / 2)::bigint AS received,
    largest.disputed::bigint AS disputed
FROM unnest($2::text[]) AS u (unit)
CROSS JOIN LATERAL (
    SELECT
        p.a,
        p.b,
        sum(p.net) AS net,
        sum(p.quantity) AS either_way,
        sum(p.disputed) AS disputed
    FROM (
        SELECT
            CASE WHEN d.forth THEN d.giver ELSE d.receiver END AS a,
            CASE WHEN d.forth THEN d.receiver ELSE d.giver END AS b,
            CASE WHEN d.forth THEN d.quantity ELSE -d.quantity END AS net,
            d.quantity,
            d.disputed
        FROM (
            SELECT r.*, CASE WHEN $3 IS NULL THEN r.giver < r.receiver ELSE r.giver = ($3::uuid[])[1] END AS forth
            FROM (
                SELECT
                    CASE WHEN $5 IS NULL THEN b.giver ELSE root_of(b.giver, $5, $6) END AS giver,
                    CASE WHEN $5 IS NULL THEN b.receiver ELSE root_of(b.receiver, $5, $6) END AS receiver,
                    b.quantity,
                    b.disputed
                FROM balance AS b
                WHERE b.ledger_id = $1 AND b.unit = u.unit
                    AND ($3::uuid[] IS NULL OR b.giver = ANY ($3) OR b.receiver = ANY ($3))
            ) AS r
            WHERE r.giver <> r.receiver
        ) AS d
    ) AS p
    GROUP BY p.a, p.b
    HAVING sum(p.quantity) > 0 OR sum(p.disputed) > 0
    ORDER BY abs(sum(p.net)) DESC, sum(p.quantity) DESC, p.a, p.b
    LIMIT $4
) AS largest
ORDER BY u.unit, abs(largest.net) DESC, largest.either_way DESC, largest.a, largest.b
