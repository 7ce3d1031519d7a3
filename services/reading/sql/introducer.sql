-- What became of a party's introductions, as each stood at a moment; those retracted count no longer. $2 the party's ids  $3 position  $4 occurred until
WITH standing AS (
    SELECT DISTINCT ON (t.introduction_id) t.*
    FROM introduction_transition AS t
    WHERE t.ledger_id = $1 AND t.introducer = ANY ($2::uuid[]) AND t.position <= $3
        AND ($4::timestamptz IS NULL OR t.occurred_at <= $4)
    ORDER BY t.introduction_id, t.position DESC
)
SELECT
    count(*) AS proposed,
    count(*) FILTER (WHERE s.status = 'proposed') AS waiting,
    count(*) FILTER (WHERE s.status = 'declined') AS declined,
    count(*) FILTER (WHERE s.status = 'consented') AS consented,
    count(*) FILTER (WHERE s.status = 'made') AS made,
    count(*) FILTER (WHERE s.met) AS met,
    count(*) FILTER (WHERE s.useful) AS useful,
    count(*) FILTER (WHERE s.led_to) AS led_to,
    count(*) FILTER (WHERE s.came_to_nothing) AS came_to_nothing,
    coalesce(sum(s.grown), 0)::bigint AS grown
FROM standing AS s
WHERE s.status <> 'retracted'
