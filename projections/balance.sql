INSERT INTO {table} AS b
SELECT r.* FROM {rows} AS r
ON CONFLICT (ledger_id, giver, receiver, unit, kind) DO UPDATE SET
    quantity = b.quantity + excluded.quantity,
    count = b.count + excluded.count,
    disputed = b.disputed + excluded.disputed,
    disputed_count = b.disputed_count + excluded.disputed_count,
    last_at = greatest(b.last_at, excluded.last_at)
