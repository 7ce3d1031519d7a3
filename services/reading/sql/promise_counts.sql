-- How many promises stand how, by unit.
SELECT
    s.unit,
    s.standing,
    count(*) AS promises,
    count(*) FILTER (WHERE s.overdue) AS overdue,
    count(*) FILTER (WHERE s.coming_late) AS behind,
    sum(s.quantity)::bigint AS promised,
    sum(s.delivered)::bigint AS delivered
FROM standing AS s
GROUP BY s.unit, s.standing
ORDER BY s.unit, s.standing
