-- The same as of a moment, from the postings until then; first by other party, as the balance table has it.
WITH posted AS (
    SELECT true AS gave, e.receiver AS other, e.* FROM event AS e
    WHERE e.ledger_id = $1 AND e.giver = ANY ($2::uuid[]) AND e.receiver IS NOT NULL AND e.receiver <> ALL ($2)
    UNION ALL
    SELECT true, e.third, e.* FROM event AS e
    WHERE e.ledger_id = $1 AND e.giver = ANY ($2) AND e.receiver IS NOT NULL AND e.third <> ALL ($2)
    UNION ALL
    SELECT false, e.giver, e.* FROM event AS e
    WHERE e.ledger_id = $1 AND e.receiver = ANY ($2) AND e.giver <> ALL ($2)
    UNION ALL
    SELECT false, e.giver, e.* FROM event AS e
    WHERE e.ledger_id = $1 AND e.third = ANY ($2) AND e.giver <> ALL ($2)
), mine AS (
    SELECT
        p.gave,
        p.other,
        p.unit,
        split_part(p.topic, '.', 1) AS kind,
        sum(p.quantity) AS quantity,
        sum(p.count) AS count,
        sum(p.disputed) AS disputed,
        sum(sign(p.disputed)) AS disputed_count,
        max(p.occurred_at) FILTER (WHERE p.count > 0 AND p.topic = ANY ($7::text[])) AS last_at
    FROM posted AS p
    WHERE p.unit IS NOT NULL AND p.position <= $5
        AND ($6::timestamptz IS NULL OR p.occurred_at <= $6)
    GROUP BY p.gave, p.other, p.unit, kind
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
