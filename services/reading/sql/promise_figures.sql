-- The figures of all that was chosen: what sql/promise_totals.sql answers for one group of all. $27 which quantiles
, kept_apart AS MATERIALIZED (
    SELECT
        s.unit, s.standing, s.overdue, s.coming_late, s.came_due, s.on_time, s.lateness, s.notice, s.notice_shared,
        s.quantity, s.delivered, s.fraction, s.lateness_s, s.notice_s, s.notice_share,
        coalesce(cardinality(s.organisations) > 1, false) AS several
    FROM standing AS s
), counted AS (
    SELECT
        k.unit, k.standing, k.came_due, k.on_time, k.lateness, k.notice, k.notice_shared,
        count(*) AS promises,
        count(*) FILTER (WHERE k.overdue) AS overdue,
        count(*) FILTER (WHERE k.coming_late) AS behind,
        count(*) FILTER (WHERE k.several) AS several,
        sum(k.quantity)::bigint AS promised,
        sum(k.delivered)::bigint AS delivered,
        coalesce(sum(k.fraction), 0) AS fractions
    FROM kept_apart AS k
    GROUP BY k.unit, k.standing, k.came_due, k.on_time, k.lateness, k.notice, k.notice_shared
), spread AS (
    SELECT
        percentile_cont($27::double precision[]) WITHIN GROUP (ORDER BY k.lateness_s::double precision) FILTER (WHERE k.lateness IS NOT NULL) AS lateness_at,
        percentile_cont($27) WITHIN GROUP (ORDER BY k.notice_s::double precision) FILTER (WHERE k.notice IS NOT NULL) AS notice_at,
        percentile_cont($27) WITHIN GROUP (ORDER BY k.notice_share) FILTER (WHERE k.notice IS NOT NULL) AS notice_shared_at
    FROM kept_apart AS k
)
SELECT c.*, s.lateness_at, s.notice_at, s.notice_shared_at
FROM counted AS c
CROSS JOIN spread AS s
ORDER BY c.unit, c.standing
