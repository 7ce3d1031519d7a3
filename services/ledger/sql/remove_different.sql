-- Compared as bytes: what is merely equal, such as 0.0 and -0.0, is not the same.
DELETE FROM {live} AS l
USING {shadow} AS s
WHERE l.ledger_id = $1 AND {same_key} AND l *<> s
