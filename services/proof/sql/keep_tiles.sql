INSERT INTO log_tile (ledger_id, level, index, hashes)
SELECT $1, w.level, w.index, w.hashes FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) AS w (level, index, hashes)
ON CONFLICT (ledger_id, level, index) DO UPDATE SET hashes = excluded.hashes
