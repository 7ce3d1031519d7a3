WITH tiles AS (
    INSERT INTO log_tile (ledger_id, level, index, hashes)
    SELECT $1, w.level, w.index, w.hashes
    FROM unnest($4::smallint[], $5::bigint[], $6::bytea[]) AS w (level, index, hashes)
    ON CONFLICT (ledger_id, level, index) DO UPDATE SET hashes = excluded.hashes
)
UPDATE log_head SET size = $2, root = $3 WHERE ledger_id = $1
