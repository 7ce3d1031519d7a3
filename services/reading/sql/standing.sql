-- How promises stand at a moment; services/reading/standing.py has the definitions. Statements go on from here.
-- $1 ledger  $2 position  $3 occurred until  $4 moment  $5 grace  $6 window
-- $7 promisor  $8 promisee  $9 party  $10 other (all ids of each)  $11 made from  $12 made before  $13 standings
-- $14 overdue  $15 merged  $16 standing for them (null where there are none)  $17 organisation
-- (the nil one: none)  $18 topic  $19 unit  $20 behind  $21 dated  $22 came due  $23 on time  $24 lateness  $25 notice
-- $26 notice as a share
WITH typed AS (
    SELECT $15::uuid[], $16::uuid[]  -- says of which type they are, also where no condition needs them
), found AS (
{promises}
), dated AS (
    -- A date that was asked for, and not named, is the end of the window in which an answer is waited for.
    SELECT p.*, coalesce(p.due, p.date_asked_at + $6::interval) AS due_by, then_of.organisations
    FROM found AS p
{organisations}
    WHERE ($15::uuid[] IS NULL OR root_of(p.promisor, $15, $16) <> root_of(p.promisee, $15, $16))
        AND ($17::uuid IS NULL OR $17 = ANY (coalesce(then_of.organisations, ARRAY[uuid '00000000-0000-0000-0000-000000000000'])))
        AND ($18::text IS NULL OR p.topic = $18)
        AND ($19::text IS NULL OR p.unit = $19)
        AND ($7::uuid[] IS NULL OR p.promisor = ANY ($7))
        AND ($8::uuid[] IS NULL OR p.promisee = ANY ($8))
        AND ($9::uuid[] IS NULL OR p.promisor = ANY ($9) OR p.promisee = ANY ($9))
        AND ($10::uuid[] IS NULL OR p.promisor = ANY ($10) OR p.promisee = ANY ($10))
        AND ($11::timestamptz IS NULL OR coalesce(p.made_at, p.begun_at) >= $11)
        AND ($12::timestamptz IS NULL OR coalesce(p.made_at, p.begun_at) < $12)
), derived AS (
    SELECT
        f.*,
        CASE
            WHEN f.retracted THEN 'retracted'
            WHEN f.status = 'kept' AND f.delivered_at > f.due_by + $5::interval THEN 'kept_late'
            WHEN f.status = 'kept' THEN 'kept_on_time'
            WHEN f.status = 'reported' AND $4::timestamptz > f.delivered_at + $6::interval THEN 'unconfirmed'
            WHEN f.status = 'promised' AND f.due_by IS NOT NULL
                AND $4 > greatest(f.due_by + $5, f.occurred_at) + $6 THEN 'unconfirmed'
            WHEN f.status = 'promised' AND f.started THEN 'in_progress'
            WHEN f.status = 'promised' THEN 'not_started'
            WHEN f.status IN ('requested', 'offered', 'countered') AND $4 > f.occurred_at + $6 THEN 'lapsed'
            ELSE f.status
        END AS standing,
        CASE
            WHEN f.retracted THEN 0
            WHEN f.status = 'kept' THEN f.quantity
            WHEN f.status = 'partly_kept' THEN round(f.quantity * f.fraction)::bigint
            ELSE 0
        END AS delivered,
        -- date_part is quicker than extract, and a double holds the microseconds of two centuries
        floor(date_part('epoch', CASE
            WHEN f.delivered_at IS NOT NULL THEN f.delivered_at - f.due_by
            WHEN f.status = 'promised' AND $4 > f.due_by THEN $4 - f.due_by
        END))::bigint AS lateness_s,
        CASE
            WHEN f.status = 'reneged' AND f.due_by IS NOT NULL
                THEN greatest(0, floor(date_part('epoch', f.due_by - f.ended_at)))::bigint
        END AS notice_s
    FROM dated AS f
{once}
), flagged AS (
    SELECT
        d.*,
        d.standing IN ('not_started', 'in_progress') AND coalesce($4 > d.due_by + $5, false) AS overdue,
        d.standing IN ('not_started', 'in_progress') AND d.behind AS coming_late,
        d.standing IN ('kept_on_time', 'kept_late', 'partly_kept', 'broken', 'reneged') OR (
            d.standing IN ('not_started', 'in_progress', 'reported', 'unconfirmed') AND coalesce($4 > d.due_by + $5, false)
        ) AS came_due,
        CASE
            WHEN d.standing IN ('kept_on_time', 'kept_late', 'partly_kept') THEN d.delivered_at <= d.due_by + $5
        END AS on_time,
        CASE
            WHEN d.standing NOT IN ('kept_on_time', 'kept_late', 'partly_kept') THEN NULL
            WHEN d.lateness_s <= -604800 THEN 'week_early'
            WHEN d.lateness_s <= -86400 THEN 'days_early'
            WHEN d.lateness_s <= 0 THEN 'day_early'
            WHEN d.lateness_s <= 86400 THEN 'day_late'
            WHEN d.lateness_s <= 604800 THEN 'days_late'
            WHEN d.lateness_s <= 2592000 THEN 'weeks_late'
            WHEN d.lateness_s IS NOT NULL THEN 'months_late'
        END AS lateness,
        CASE
            WHEN d.standing <> 'reneged' THEN NULL
            WHEN d.notice_s <= 0 THEN 'none'
            WHEN d.notice_s <= 86400 THEN 'day'
            WHEN d.notice_s <= 604800 THEN 'days'
            WHEN d.notice_s <= 2592000 THEN 'weeks'
            WHEN d.notice_s IS NOT NULL THEN 'months'
        END AS notice,
        CASE
            WHEN d.standing <> 'reneged' THEN NULL
            WHEN d.notice_share <= 0 THEN 'none'
            WHEN d.notice_share <= 0.25 THEN 'quarter'
            WHEN d.notice_share <= 0.5 THEN 'half'
            WHEN d.notice_share <= 0.75 THEN 'three_quarters'
            WHEN d.notice_share IS NOT NULL THEN 'whole'
        END AS notice_shared
    FROM (
        SELECT
            r.*,
            CASE
                WHEN r.status = 'reneged' AND r.due_by > r.made_at
                    THEN least(1, greatest(0, extract(epoch FROM r.due_by - r.ended_at) / extract(epoch FROM r.due_by - r.made_at)))
                WHEN r.status = 'reneged' AND r.due_by IS NOT NULL THEN 0
            END::double precision AS notice_share
        FROM derived AS r
    ) AS d
), standing AS (
    SELECT s.*
    FROM flagged AS s
    WHERE ($13::text[] IS NULL OR s.standing = ANY ($13))
        AND ($14::boolean IS NULL OR s.overdue = $14)
        AND ($20::boolean IS NULL OR s.coming_late = $20)
        AND ($21::boolean IS NULL OR (s.due_by IS NOT NULL) = $21)
        AND ($22::boolean IS NULL OR s.came_due = $22)
        AND ($23::boolean IS NULL OR s.on_time = $23)
        AND ($24::text IS NULL OR s.lateness = $24)
        AND ($25::text IS NULL OR s.notice = $25)
        AND ($26::text IS NULL OR s.notice_shared = $26)
)
