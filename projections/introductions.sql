INSERT INTO {table} AS i
SELECT DISTINCT ON (r.ledger_id, r.introduction_id) r.* FROM {rows} AS r
ORDER BY r.ledger_id, r.introduction_id, r.position DESC
ON CONFLICT (ledger_id, introduction_id) DO UPDATE SET
    position = excluded.position,
    occurred_at = excluded.occurred_at,
    status = excluded.status,
    answered = excluded.answered,
    met = excluded.met,
    useful = excluded.useful,
    led_to = excluded.led_to,
    came_to_nothing = excluded.came_to_nothing,
    grown = excluded.grown
;
INSERT INTO {table}
SELECT r.* FROM {rows} AS r
