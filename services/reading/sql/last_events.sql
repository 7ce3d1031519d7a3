-- When a party, by its ids ($2), and each of others ($3) last had to do with each other. $4 position
-- $5 occurred until  $6 topics that do not count. What is retracted did not happen. Two who were introduced had to do
-- with each other once it was made.
SELECT wanted.other, last.last_at
FROM unnest($3::uuid[]) AS wanted (other)
CROSS JOIN LATERAL (
    SELECT max(stream.last_at) AS last_at
    FROM (
        SELECT max(e.occurred_at) FILTER (WHERE e.topic <> ALL ($6::text[])) AS last_at
        FROM (
            SELECT g.stream_id, g.topic, g.position, g.occurred_at FROM event AS g
            WHERE g.ledger_id = $1 AND g.giver = ANY ($2::uuid[]) AND g.receiver = wanted.other
            UNION ALL
            SELECT r.stream_id, r.topic, r.position, r.occurred_at FROM event AS r
            WHERE r.ledger_id = $1 AND r.giver = wanted.other AND r.receiver = ANY ($2::uuid[])
            UNION ALL
            SELECT t.stream_id, t.topic, t.position, t.occurred_at FROM event AS t
            WHERE t.ledger_id = $1 AND t.third = wanted.other
                AND (t.giver = ANY ($2::uuid[])
                    OR (t.receiver = ANY ($2::uuid[]) AND t.topic <> 'introduction.proposed'))
            UNION ALL
            SELECT t.stream_id, t.topic, t.position, t.occurred_at FROM event AS t
            WHERE t.ledger_id = $1 AND t.third = ANY ($2::uuid[])
                AND (t.giver = wanted.other OR (t.receiver = wanted.other AND t.topic <> 'introduction.proposed'))
        ) AS e
        WHERE e.position <= $4
            AND ($5::timestamptz IS NULL OR e.occurred_at <= $5)
        GROUP BY e.stream_id
        HAVING count(*) FILTER (WHERE e.topic LIKE '%.retracted') <= count(*) FILTER (WHERE e.topic LIKE '%.reinstated')
    ) AS stream
) AS last
WHERE last.last_at IS NOT NULL
