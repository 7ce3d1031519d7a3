-- Destroy the keys of days before these, those that another process is at left to it.
WITH gone AS (
    SELECT k.ledger_id, k.day
    FROM unnest($1::text[], $2::date[]) AS d (ledger_id, kept_from)
    JOIN day_key AS k ON k.ledger_id = d.ledger_id AND k.day < d.kept_from
    FOR UPDATE OF k SKIP LOCKED
), deleted AS (
    DELETE FROM day_key AS k USING gone AS g
    WHERE k.ledger_id = g.ledger_id AND k.day = g.day
    RETURNING k.ledger_id
)
SELECT ledger_id, count(*) AS days FROM deleted GROUP BY ledger_id ORDER BY ledger_id
