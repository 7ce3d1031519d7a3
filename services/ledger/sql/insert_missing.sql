INSERT INTO {live}
SELECT s.* FROM {shadow} AS s
WHERE NOT EXISTS (SELECT FROM {live} AS l WHERE l.ledger_id = $1 AND {same_key})
