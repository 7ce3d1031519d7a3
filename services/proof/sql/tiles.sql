SELECT t.level, t.index, t.hashes
FROM unnest($2::smallint[], $3::bigint[]) AS w (level, index)
JOIN log_tile AS t ON t.ledger_id = $1 AND t.level = w.level AND t.index = w.index
