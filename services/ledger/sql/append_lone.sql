-- The same for one ledger and one row a table, without arrays: a lone order waits half as long for its planning and
-- encoding. Where the head has moved, heads is empty, and so is what is joined with it.
WITH heads AS MATERIALIZED (
    SELECT FROM advance_head($1::text, $2::bigint, $3::bigint, $4::timestamptz) AS a (advanced) WHERE advanced
){writes}
SELECT CASE WHEN EXISTS (SELECT FROM heads) THEN '{{}}' ELSE ARRAY[$1::text] END AS moved
