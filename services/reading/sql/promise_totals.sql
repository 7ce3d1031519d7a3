-- $15 what to group by, null for one group of all  $16 after (a group's key)  $17 how many groups
, keyed AS (
    SELECT
        s.*,
        CASE $15::text
            WHEN 'promisor' THEN s.promisor::text
            WHEN 'promisee' THEN s.promisee::text
            WHEN 'pair' THEN least(s.promisor, s.promisee)::text || '~' || greatest(s.promisor, s.promisee)::text
            WHEN 'month' THEN to_char(coalesce(s.made_at, s.begun_at) AT TIME ZONE 'UTC', 'YYYY-MM')
            WHEN 'year' THEN to_char(coalesce(s.made_at, s.begun_at) AT TIME ZONE 'UTC', 'YYYY')
            ELSE ''
        END COLLATE "C" AS key
    FROM standing AS s
), ranked AS (
    SELECT k.*, dense_rank() OVER (ORDER BY k.key) AS place
    FROM keyed AS k
    WHERE ($16::text IS NULL OR k.key > $16)
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
WHERE r.place <= $17
GROUP BY r.key, r.unit, r.standing
ORDER BY r.key, r.unit, r.standing
