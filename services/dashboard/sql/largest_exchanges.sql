-- The pairs between which most went to and fro in one unit; ``given`` went from a to b. All pairs of the ledger, or
-- those of one party ($3), which then is a.
SELECT
    p.a,
    p.b,
    sum(p.quantity) FILTER (WHERE p.forth)::bigint AS given,
    sum(p.quantity) FILTER (WHERE NOT p.forth)::bigint AS received,
    sum(p.disputed)::bigint AS disputed
FROM (
    SELECT
        CASE WHEN d.forth THEN b.giver ELSE b.receiver END AS a,
        CASE WHEN d.forth THEN b.receiver ELSE b.giver END AS b,
        d.forth,
        b.quantity,
        b.disputed
    FROM balance AS b
    CROSS JOIN LATERAL (SELECT coalesce(b.giver = $3::uuid, b.giver < b.receiver) AS forth) AS d
    WHERE b.ledger_id = $1 AND b.unit = $2 AND ($3::uuid IS NULL OR b.giver = $3 OR b.receiver = $3)
) AS p
GROUP BY p.a, p.b
HAVING sum(p.quantity) > 0 OR sum(p.disputed) > 0
ORDER BY sum(p.quantity) DESC, p.a, p.b
LIMIT $4
