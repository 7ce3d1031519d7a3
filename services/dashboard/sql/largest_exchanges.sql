-- The pairs with the largest imbalances in each of some units ($2); ``given`` went from a to b. All pairs of the ledger, or
-- those of one party ($3, all its ids, the root's first), which then is a. Merged parties ($5, null where there are none)
-- count as those that stand for them ($6).
WITH typed AS (
    SELECT $5::uuid[], $6::uuid[]  -- says of which type they are, also where no condition needs them
), directed AS (
    SELECT
        b.unit,
        CASE WHEN $5 IS NULL THEN b.giver ELSE root_of(b.giver, $5, $6) END AS giver,
        CASE WHEN $5 IS NULL THEN b.receiver ELSE root_of(b.receiver, $5, $6) END AS receiver,
        b.quantity,
        b.disputed
    FROM balance AS b
    WHERE b.ledger_id = $1 AND b.unit = ANY ($2::text[])
        AND ($3::uuid[] IS NULL OR b.giver = ANY ($3) OR b.receiver = ANY ($3))
), paired AS (
    SELECT
        d.unit,
        CASE WHEN f.forth THEN d.giver ELSE d.receiver END AS a,
        CASE WHEN f.forth THEN d.receiver ELSE d.giver END AS b,
        CASE WHEN f.forth THEN d.quantity ELSE 0 END AS given,
        CASE WHEN f.forth THEN 0 ELSE d.quantity END AS received,
        d.disputed
    FROM directed AS d
    CROSS JOIN LATERAL (SELECT coalesce(d.giver = ($3)[1], d.giver < d.receiver) AS forth) AS f
    WHERE d.giver <> d.receiver
), summed AS (
    SELECT
        p.unit, p.a, p.b,
        sum(p.given)::bigint AS given,
        sum(p.received)::bigint AS received,
        sum(p.disputed)::bigint AS disputed
    FROM paired AS p
    GROUP BY p.unit, p.a, p.b
    HAVING sum(p.given + p.received) > 0 OR sum(p.disputed) > 0
), ranked AS (
    SELECT
        s.*,
        row_number() OVER (
            PARTITION BY s.unit ORDER BY abs(s.given - s.received) DESC, s.given + s.received DESC, s.a, s.b
        ) AS place
    FROM summed AS s
)
SELECT r.unit, r.a, r.b, r.given, r.received, r.disputed
FROM ranked AS r
WHERE r.place <= $4
ORDER BY r.unit, r.place
