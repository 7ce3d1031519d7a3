-- The figures of groups, one row for each way in which some of a group's promises are alike; the spreads stand in all rows of
-- a group. $27 what to group by; a promise is in the groups of all its organisations, or of the
-- one that is asked about  $28 after (a group's key)  $29 how many groups  $30 which quantiles
, keyed AS (
    SELECT
        s.unit, s.standing, s.overdue, s.coming_late, s.came_due, s.on_time, s.lateness, s.notice, s.notice_shared,
        s.quantity, s.delivered, s.fraction, s.lateness_s, s.notice_s, s.notice_share, s.several,
        CASE $27::text
            WHEN 'promisor' THEN root_of(s.promisor, $15, $16)::text
            WHEN 'promisee' THEN root_of(s.promisee, $15, $16)::text
            WHEN 'pair' THEN least(s.promisor_root, s.promisee_root)::text || '~' || greatest(s.promisor_root, s.promisee_root)::text
            WHEN 'organisation' THEN coalesce(s.organisation::text, 'none')
            WHEN 'month' THEN to_char(s.day, 'YYYY-MM')
            WHEN 'quarter' THEN to_char(s.day, 'YYYY-"Q"Q')
            WHEN 'year' THEN to_char(s.day, 'YYYY')
        END COLLATE "C" AS key
    FROM (
        SELECT
            d.*,
            root_of(d.promisor, $15, $16) AS promisor_root,
            root_of(d.promisee, $15, $16) AS promisee_root,
            (coalesce(d.made_at, d.begun_at) AT TIME ZONE 'UTC')::date AS day,
            coalesce(cardinality(d.organisations) > 1, false) AS several,
            o.organisation
        FROM standing AS d
        LEFT JOIN LATERAL unnest(d.organisations) AS o (organisation)
            ON $27 = 'organisation' AND coalesce(o.organisation = $17, true)
    ) AS s
), counted AS (
    SELECT
        k.key, k.unit, k.standing, k.came_due, k.on_time, k.lateness, k.notice, k.notice_shared,
        count(*) AS promises,
        count(*) FILTER (WHERE k.overdue) AS overdue,
        count(*) FILTER (WHERE k.coming_late) AS behind,
        count(*) FILTER (WHERE k.several) AS several,
        sum(k.quantity)::bigint AS promised,
        sum(k.delivered)::bigint AS delivered,
        coalesce(sum(k.fraction), 0) AS fractions
    FROM keyed AS k
    WHERE ($28::text IS NULL OR k.key > $28)
    GROUP BY k.key, k.unit, k.standing, k.came_due, k.on_time, k.lateness, k.notice, k.notice_shared
), ranked AS (
    SELECT c.*, dense_rank() OVER (ORDER BY c.key) AS place FROM counted AS c
), spread AS (
    SELECT
        k.key,
        percentile_cont($30::double precision[]) WITHIN GROUP (ORDER BY k.lateness_s::double precision) FILTER (WHERE k.lateness IS NOT NULL) AS lateness_at,
        percentile_cont($30) WITHIN GROUP (ORDER BY k.notice_s::double precision) FILTER (WHERE k.notice IS NOT NULL) AS notice_at,
        percentile_cont($30) WITHIN GROUP (ORDER BY k.notice_share) FILTER (WHERE k.notice IS NOT NULL) AS notice_shared_at
    FROM keyed AS k
    WHERE ($28::text IS NULL OR k.key > $28)
    GROUP BY k.key
)
SELECT r.*, s.lateness_at, s.notice_at, s.notice_shared_at
FROM ranked AS r
JOIN spread AS s ON s.key = r.key
WHERE r.place <= $29
ORDER BY r.key, r.unit, r.standing
