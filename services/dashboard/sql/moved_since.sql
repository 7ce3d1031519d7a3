-- The pairs between whom something was posted after a position ($2), as they stand now, by unit: what a ledger without
-- merges has of them in largest_exchanges.sql. ``a`` is the smaller id.
WITH moved AS (
    SELECT DISTINCT e.unit, least(e.giver, side.receiver) AS a, greatest(e.giver, side.receiver) AS b
    FROM event AS e
    CROSS JOIN LATERAL (VALUES (e.receiver), (e.third)) AS side (receiver)
    WHERE e.ledger_id = $1 AND e.position > $2 AND e.unit IS NOT NULL AND side.receiver IS NOT NULL
)
SELECT
    m.unit,
    m.a,
    m.b,
    coalesce(sum(b.quantity) FILTER (WHERE b.giver = m.a), 0)::bigint AS given,
    coalesce(sum(b.quantity) FILTER (WHERE b.giver = m.b), 0)::bigint AS received,
    sum(b.disputed)::bigint AS disputed
FROM moved AS m
CROSS JOIN LATERAL (VALUES (m.a, m.b), (m.b, m.a)) AS way (giver, receiver)
JOIN balance AS b ON b.ledger_id = $1 AND b.giver = way.giver AND b.receiver = way.receiver AND b.unit = m.unit
GROUP BY m.unit, m.a, m.b
