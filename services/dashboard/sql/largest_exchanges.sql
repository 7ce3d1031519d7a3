-- The pairs with the largest imbalances in one unit; ``given`` went from a to b. All pairs of the ledger, or
-- those of one party ($3, all its ids, the root's first), which then is a. Merged parties ($5) count as those that stand
-- for them ($6).
SELECT
    p.a,
    p.b,
    sum(p.quantity) FILTER (WHERE p.forth)::bigint AS given,
    sum(p.quantity) FILTER (WHERE NOT p.forth)::bigint AS received,
    sum(p.disputed)::bigint AS disputed
FROM (
    SELECT
        CASE WHEN d.forth THEN r.giver ELSE r.receiver END AS a,
        CASE WHEN d.forth THEN r.receiver ELSE r.giver END AS b,
        d.forth,
        r.quantity,
        r.disputed
    FROM (
        SELECT
            root_of(b.giver, $5::uuid[], $6::uuid[]) AS giver,
            root_of(b.receiver, $5, $6) AS receiver,
            b.quantity,
            b.disputed
        FROM balance AS b
        WHERE b.ledger_id = $1 AND b.unit = $2 AND ($3::uuid[] IS NULL OR b.giver = ANY ($3) OR b.receiver = ANY ($3))
    ) AS r
    CROSS JOIN LATERAL (SELECT coalesce(r.giver = ($3)[1], r.giver < r.receiver) AS forth) AS d
    WHERE r.giver <> r.receiver
) AS p
GROUP BY p.a, p.b
HAVING sum(p.quantity) > 0 OR sum(p.disputed) > 0
ORDER BY
    abs(coalesce(sum(p.quantity) FILTER (WHERE p.forth), 0) - coalesce(sum(p.quantity) FILTER (WHERE NOT p.forth), 0)) DESC,
    sum(p.quantity) DESC, p.a, p.b
LIMIT $4
