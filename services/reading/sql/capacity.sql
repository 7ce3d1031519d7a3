-- A promisor's open promises, and its record; services/reading/capacity.py has the definitions. $27 a promise to leave out
, own AS (
    SELECT s.*
    FROM standing AS s
    WHERE s.made_at IS NOT NULL AND NOT s.retracted
        AND ($27::uuid IS NULL OR s.promise_id <> $27)
), steps AS (
    -- One that ended at the moment it was made is nobody's load.
    SELECT o.promise_id, o.made_at AS moment, true AS made, coalesce(o.ended_at > o.made_at, true)::int AS step
    FROM own AS o
    UNION ALL
    SELECT o.promise_id, o.ended_at, false, -1 FROM own AS o WHERE o.ended_at > o.made_at
), loads AS (
    -- What ends at a moment makes room before the next one is made.
    SELECT t.promise_id, t.made, sum(t.step) OVER (ORDER BY t.moment, t.made, t.promise_id) - t.step AS others
    FROM steps AS t
), now AS (
    SELECT
        count(*) AS open,
        count(*) FILTER (WHERE o.status = 'reported') AS reported,
        count(*) FILTER (WHERE o.overdue) AS overdue
    FROM own AS o
    WHERE o.status IN ('promised', 'reported')
), ended AS (
    SELECT
        o.standing = 'kept_on_time' AS on_time,
        extract(epoch FROM o.delivered_at - o.made_at)::double precision / 86400 AS days,
        l.others BETWEEN (n.open + 1) / 2 AND 2 * n.open AS alike
    FROM own AS o
    JOIN loads AS l ON l.promise_id = o.promise_id AND l.made
    CROSS JOIN now AS n
    WHERE o.standing IN ('kept_on_time', 'kept_late', 'partly_kept', 'broken', 'reneged')
)
SELECT
    n.open,
    n.reported,
    n.overdue,
    (n.open + 1) / 2 AS alike_from,
    2 * n.open AS alike_to,
    e.*
FROM now AS n
CROSS JOIN (
    SELECT
        count(*) FILTER (WHERE e.alike) AS alike_of,
        count(*) FILTER (WHERE e.alike AND e.on_time) AS alike_on_time,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY e.days) FILTER (WHERE e.alike) AS alike_days,
        count(*) AS ever_of,
        count(*) FILTER (WHERE e.on_time) AS ever_on_time,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY e.days) AS ever_days
    FROM ended AS e
) AS e
