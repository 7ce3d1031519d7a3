DELETE FROM {live} AS l
WHERE l.ledger_id = $1 AND NOT EXISTS (SELECT FROM {shadow} AS s WHERE {same_key})
