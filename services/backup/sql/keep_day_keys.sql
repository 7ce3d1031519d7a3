-- Keys of the days that are in this database: those of later days open nothing here.
INSERT INTO day_key (ledger_id, day, wrapped)
SELECT u.ledger_id, u.day, u.wrapped
FROM unnest($1::text[], $2::date[], $3::bytea[]) AS u (ledger_id, day, wrapped)
JOIN ledger_head AS h ON h.ledger_id = u.ledger_id AND u.day <= (h.recorded_at AT TIME ZONE 'UTC')::date
