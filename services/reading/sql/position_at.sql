-- The last position recorded until a time, 0 if none: a binary search, since recorded_at never goes back.
WITH RECURSIVE search (low, high) AS (
    SELECT 0::bigint, h.position
    FROM ledger_head AS h
    WHERE h.ledger_id = $1
    UNION ALL
    SELECT
        CASE WHEN e.recorded_at <= $2::timestamptz THEN e.position ELSE s.low END,
        CASE WHEN e.recorded_at <= $2::timestamptz THEN s.high ELSE e.position - 1 END
    FROM search AS s
    JOIN event AS e ON e.ledger_id = $1 AND e.position = (s.low + s.high + 1) / 2
    WHERE s.low < s.high
)
SELECT low FROM search WHERE low = high
