-- The balances of a ledger's events after one position up to another, as the fold has them: $4 are the topics that give.
-- Grouped by plain columns first, so that the many rows are only added up.
WITH posted AS (
    SELECT e.giver, e.receiver, e.unit, e.topic, sum(e.quantity) AS quantity, sum(e.count) AS count,
        sum(e.disputed) AS disputed,
        count(*) FILTER (WHERE e.disputed > 0) - count(*) FILTER (WHERE e.disputed < 0) AS disputed_count,
        max(e.occurred_at) FILTER (WHERE e.count > 0) AS last_at, count(*) AS events
    FROM event AS e
    WHERE e.ledger_id = $1 AND e.position > $2 AND e.position <= $3 AND e.unit IS NOT NULL
    GROUP BY e.giver, e.receiver, e.unit, e.topic
    UNION ALL
    SELECT e.giver, e.third, e.unit, e.topic, sum(e.quantity), sum(e.count), sum(e.disputed),
        count(*) FILTER (WHERE e.disputed > 0) - count(*) FILTER (WHERE e.disputed < 0),
        max(e.occurred_at) FILTER (WHERE e.count > 0), 0
    FROM event AS e
    WHERE e.ledger_id = $1 AND e.position > $2 AND e.position <= $3 AND e.unit IS NOT NULL AND e.third IS NOT NULL
    GROUP BY e.giver, e.third, e.unit, e.topic
)
SELECT
    ROW(
        $1, p.giver, p.receiver, p.unit, split_part(p.topic, '.', 1), sum(p.quantity), sum(p.count), sum(p.disputed),
        sum(p.disputed_count), coalesce(max(p.last_at) FILTER (WHERE p.topic = ANY ($4::text[])), '0001-01-01 00:00Z')
    )::balance AS folded,
    sum(p.events) AS events
FROM posted AS p
GROUP BY p.giver, p.receiver, p.unit, split_part(p.topic, '.', 1)
