-- The days whose words can still be read, each with how many events hold some; $2: the topics whose words may go.
-- What stands for bytes that were put away has "sealed" in it where they have (services/archive/stub.py).
SELECT k.day, count(e.day) AS events
FROM day_key AS k
LEFT JOIN (
    SELECT (recorded_at AT TIME ZONE 'UTC')::date AS day
    FROM event
    WHERE ledger_id = $1 AND topic = ANY ($2::text[]) AND position('"sealed":'::bytea IN state) > 0
) AS e ON e.day = k.day
WHERE k.ledger_id = $1
GROUP BY k.day
ORDER BY k.day
