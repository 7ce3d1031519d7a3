INSERT INTO {table}
SELECT r.* FROM {rows} AS r
