-- What was posted in a ledger after a position ($2), by unit, as projections/balance.py posts it: an introduction twice.
SELECT
    e.unit,
    sum(e.quantity * ways.number)::bigint AS given,
    sum(e.disputed * ways.number)::bigint AS disputed,
    sum(e.count * ways.number)::bigint AS count
FROM event AS e
CROSS JOIN LATERAL (SELECT CASE WHEN e.third IS NULL THEN 1 ELSE 2 END AS number) AS ways
WHERE e.ledger_id = $1 AND e.position > $2 AND e.unit IS NOT NULL
GROUP BY e.unit
