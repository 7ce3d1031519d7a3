-- The same for one ledger and one row a table, without arrays: a lone order waits half as long for its planning and
-- encoding. Where the head has moved, heads is empty, and so is what is joined with it.
WITH heads AS (
    UPDATE ledger_head SET position = $3::bigint, recorded_at = $4::timestamptz
    WHERE ledger_id = $1::text AND position = $2::bigint
    RETURNING ledger_id
){writes}
SELECT ARRAY(SELECT $1::text EXCEPT SELECT ledger_id FROM heads) AS moved
