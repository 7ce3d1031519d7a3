-- How a party deals with others, by its latest events until a moment. $1 ledger  $2 party (all its ids)  $3 position
-- $4 occurred until  $5 with this other only (all its ids)  $6 how many events at most
WITH both_ways AS (
    SELECT e.* FROM event AS e
    WHERE e.ledger_id = $1 AND e.giver = ANY ($2::uuid[]) AND e.receiver IS NOT NULL AND e.receiver <> ALL ($2)
        AND ($5::uuid[] IS NULL OR e.receiver = ANY ($5))
    UNION ALL
    SELECT e.* FROM event AS e
    WHERE e.ledger_id = $1 AND e.receiver = ANY ($2) AND e.giver <> ALL ($2)
        AND ($5::uuid[] IS NULL OR e.giver = ANY ($5))
), recent AS (
    SELECT b.stream_id, b.version, b.topic, b.giver, b.receiver, b.occurred_at
    FROM both_ways AS b
    WHERE b.position <= $3 AND split_part(b.topic, '.', 1) IN ('favour', 'promise')
        AND ($4::timestamptz IS NULL OR b.occurred_at <= $4)
    ORDER BY b.position DESC
    LIMIT $6
), stream AS (
    SELECT
        r.stream_id,
        bool_or(r.receiver = ANY ($2) AND r.topic LIKE 'favour.%')
            AND NOT bool_or(r.topic = 'favour.gift_refused') AS received,
        bool_or(r.topic IN ('favour.acknowledged', 'favour.thanked')) AS acknowledged,
        bool_or(r.topic LIKE '%.disputed') AS disputed
    FROM recent AS r
    GROUP BY r.stream_id
    HAVING count(*) FILTER (WHERE r.topic LIKE '%.retracted') <= count(*) FILTER (WHERE r.topic LIKE '%.reinstated')
), talk AS (
    SELECT
        r.topic,
        r.giver,
        r.receiver,
        r.occurred_at,
        lead(r.topic) OVER later AS answer,
        lead(r.occurred_at) OVER later AS answered_at
    FROM recent AS r
    JOIN stream AS s USING (stream_id)
    WHERE r.topic IN (
        'promise.requested', 'promise.offered', 'promise.countered', 'promise.agreed', 'promise.declined',
        'promise.reported', 'promise.accepted', 'promise.accepted_in_part', 'promise.rejected'
    )
    WINDOW later AS (PARTITION BY r.stream_id ORDER BY r.version)
), answered AS (
    SELECT extract(epoch FROM t.answered_at - t.occurred_at)::double precision AS took_s
    FROM talk AS t
    WHERE (
            t.topic = 'promise.reported' AND t.receiver = ANY ($2)
            AND t.answer IN ('promise.accepted', 'promise.accepted_in_part', 'promise.rejected')
        ) OR (
            CASE t.topic WHEN 'promise.requested' THEN t.giver WHEN 'promise.offered' THEN t.receiver END = ANY ($2)
            AND t.answer IN ('promise.agreed', 'promise.declined', 'promise.countered')
        )
)
SELECT
    count(*) FILTER (WHERE s.received) AS received,
    count(*) FILTER (WHERE s.received AND s.acknowledged) AS acknowledged,
    count(*) AS acts,
    count(*) FILTER (WHERE s.disputed) AS disputed,
    (SELECT count(*) FROM answered) AS answers,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a.took_s) FROM answered AS a) AS median_s
FROM stream AS s
