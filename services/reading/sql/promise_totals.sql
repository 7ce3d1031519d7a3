-- $19 what to group by, null for one group of all; a promise is in the groups of all its organisations  $20 after (a group's key)  $21 how many groups
, keyed AS (
    SELECT
        s.*,
        CASE $19::text
            WHEN 'promisor' THEN s.promisor_root::text
            WHEN 'promisee' THEN s.promisee_root::text
            WHEN 'pair' THEN least(s.promisor_root, s.promisee_root)::text || '~' || greatest(s.promisor_root, s.promisee_root)::text
            WHEN 'organisation' THEN coalesce(s.organisation::text, 'none')
            WHEN 'month' THEN to_char(coalesce(s.made_at, s.begun_at) AT TIME ZONE 'UTC', 'YYYY-MM')
            WHEN 'year' THEN to_char(coalesce(s.made_at, s.begun_at) AT TIME ZONE 'UTC', 'YYYY')
            ELSE ''
        END COLLATE "C" AS key
    FROM (
        SELECT
            d.*,
            root_of(d.promisor, $15, $16) AS promisor_root,
            root_of(d.promisee, $15, $16) AS promisee_root,
            o.organisation
        FROM standing AS d
        LEFT JOIN LATERAL unnest(d.organisations) AS o (organisation) ON $19 = 'organisation'
    ) AS s
), ranked AS (
    SELECT k.*, dense_rank() OVER (ORDER BY k.key) AS place
    FROM keyed AS k
    WHERE ($20::text IS NULL OR k.key > $20)
)
SELECT
    r.key,
    r.unit,
    r.standing,
    count(*) AS promises,
    count(*) FILTER (WHERE r.overdue) AS overdue,
    count(*) FILTER (WHERE r.coming_late) AS behind,
    sum(r.quantity)::bigint AS promised,
    sum(r.delivered)::bigint AS delivered
FROM ranked AS r
WHERE r.place <= $21
GROUP BY r.key, r.unit, r.standing
ORDER BY r.key, r.unit, r.standing
