-- The same as of a moment: the sums of the postings until then. An introduction gives to its third party as well.
SELECT
    wanted.giver,
    wanted.receiver,
    e.unit,
    split_part(e.topic, '.', 1) AS kind,
    sum(e.quantity)::bigint AS quantity,
    sum(e.count)::bigint AS count,
    sum(e.disputed)::bigint AS disputed,
    sum(sign(e.disputed))::bigint AS disputed_count,
    max(e.occurred_at) FILTER (WHERE e.count > 0 AND e.topic = ANY ($6::text[])) AS last_at
FROM unnest($2::uuid[], $3::uuid[]) AS wanted (giver, receiver)
CROSS JOIN LATERAL (
    SELECT r.topic, r.unit, r.quantity, r.count, r.disputed, r.occurred_at, r.position
    FROM event AS r
    WHERE r.ledger_id = $1 AND r.giver = wanted.giver AND r.receiver = wanted.receiver
    UNION ALL
    SELECT t.topic, t.unit, t.quantity, t.count, t.disputed, t.occurred_at, t.position
    FROM event AS t
    WHERE t.ledger_id = $1 AND t.giver = wanted.giver AND t.third = wanted.receiver
) AS e
WHERE e.unit IS NOT NULL AND e.position <= $4
    AND ($5::timestamptz IS NULL OR e.occurred_at <= $5)
GROUP BY wanted.giver, wanted.receiver, e.unit, kind
ORDER BY wanted.giver, wanted.receiver, e.unit, kind
