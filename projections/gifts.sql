INSERT INTO {table} AS g
SELECT r.* FROM {rows} AS r
ON CONFLICT (ledger_id, favour_id) DO UPDATE SET
    over_limit = g.over_limit OR excluded.over_limit,
    over_year_limit = g.over_year_limit OR excluded.over_year_limit
