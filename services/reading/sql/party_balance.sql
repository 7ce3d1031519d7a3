-- What a party ($2, all its ids) gave and received in all, and with how many parties there is a balance; merged ones ($3)
-- count as those that stand for them ($4).
WITH mine AS (
    SELECT true AS gave, b.receiver AS other, b.unit, b.kind, b.quantity, b.count, b.disputed, b.disputed_count, b.last_at
    FROM balance AS b
    WHERE b.ledger_id = $1 AND b.giver = ANY ($2::uuid[]) AND b.receiver <> ALL ($2)
    UNION ALL
    SELECT false, b.giver, b.unit, b.kind, b.quantity, b.count, b.disputed, b.disputed_count, b.last_at
    FROM balance AS b
    WHERE b.ledger_id = $1 AND b.receiver = ANY ($2) AND b.giver <> ALL ($2)
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
    (SELECT count(DISTINCT root_of(o.other, $3::uuid[], $4::uuid[])) FROM mine AS o) AS relationships
FROM mine AS m
GROUP BY m.gave, m.unit, m.kind
ORDER BY m.unit, m.kind, m.gave
