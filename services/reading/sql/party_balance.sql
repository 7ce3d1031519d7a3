-- What a party gave and received in all, and with how many parties there is a balance.
WITH mine AS (
    SELECT true AS gave, b.receiver AS other, b.unit, b.kind, b.quantity, b.count, b.disputed, b.disputed_count, b.last_at
    FROM balance AS b
    WHERE b.ledger_id = $1 AND b.giver = $2
    UNION ALL
    SELECT false, b.giver, b.unit, b.kind, b.quantity, b.count, b.disputed, b.disputed_count, b.last_at
    FROM balance AS b
    WHERE b.ledger_id = $1 AND b.receiver = $2
)
SELECT
    m.gave,
    m.unit,
    m.kind,
    sum(m.quantity)::bigint AS quantity,
    sum(m.count)::bigint AS count,
    sum(m.disputed)::bigint AS disputed,
    sum(m.disputed_count)::bigint AS disputed_count,
    max(m.last_at) FILTER (WHERE m.count > 0) AS last_at,
    (SELECT count(DISTINCT o.other) FROM mine AS o) AS relationships
FROM mine AS m
GROUP BY m.gave, m.unit, m.kind
ORDER BY m.unit, m.kind, m.gave
