-- Merges the rows that a read model's sums lead to; answers how many events there were.
WITH summed AS MATERIALIZED (
{sums}
), merged AS (
{merge}
)
SELECT coalesce(sum(s.events), 0)::bigint FROM summed AS s
