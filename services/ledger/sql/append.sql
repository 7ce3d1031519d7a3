-- Heads first: what depends on a head that has moved is not written. The inserts that follow, one for each table that
-- has rows, read their rows through that filter; all in one statement, so in one transaction.
WITH heads AS MATERIALIZED (
    SELECT advance_heads($1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[]) AS moved
){writes}
SELECT moved FROM heads
