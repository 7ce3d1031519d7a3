-- Promises that stand otherwise at a later moment than at an earlier one, by id, with the events that came in between.
-- $1 to $26 are the earlier moment's parameters as sql/standing.sql has them, $27 to $52 the later one's. $53 after  $54 limit
WITH earlier AS (
{earlier}
    SELECT s.* FROM standing AS s
), later AS (
{later}
    SELECT s.* FROM standing AS s
), moved AS (
    SELECT
        coalesce(l.promise_id, e.promise_id) AS promise_id,
        coalesce(l.promisor, e.promisor) AS promisor,
        coalesce(l.promisee, e.promisee) AS promisee,
        coalesce(l.worded_in, e.worded_in) AS worded_in,
        e.standing AS standing_before,
        e.overdue AS overdue_before,
        e.coming_late AS behind_before,
        l.standing AS standing_after,
        l.overdue AS overdue_after,
        l.coming_late AS behind_after
    FROM earlier AS e
    FULL JOIN later AS l ON l.promise_id = e.promise_id
    WHERE (e.standing, e.overdue, e.coming_late) IS DISTINCT FROM (l.standing, l.overdue, l.coming_late)
), page AS (
    SELECT m.*
    FROM moved AS m
    WHERE ($53::uuid IS NULL OR m.promise_id > $53)
    ORDER BY m.promise_id
    LIMIT $54
)
SELECT p.*, e.state, between_them.positions, between_them.topics, (SELECT count(*) FROM moved) AS moved
FROM page AS p
JOIN event AS e ON e.ledger_id = $1 AND e.stream_id = p.promise_id AND e.version = p.worded_in
CROSS JOIN LATERAL (
    SELECT
        coalesce(array_agg(t.position ORDER BY t.position), '{}') AS positions,
        coalesce(array_agg(t.topic ORDER BY t.position), '{}') AS topics
    FROM event AS t
    WHERE t.ledger_id = $1 AND t.stream_id = p.promise_id
        AND t.position <= $28 AND t.occurred_at <= coalesce($29, 'infinity')
        AND NOT (t.position <= $2 AND t.occurred_at <= coalesce($3, 'infinity'))
) AS between_them
ORDER BY p.promise_id
