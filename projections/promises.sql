INSERT INTO {table} AS p
SELECT DISTINCT ON (r.ledger_id, r.promise_id) r.* FROM {rows} AS r
ORDER BY r.ledger_id, r.promise_id, r.position DESC
ON CONFLICT (ledger_id, promise_id) DO UPDATE SET
    position = excluded.position,
    occurred_at = excluded.occurred_at,
    promisor = excluded.promisor,
    promisee = excluded.promisee,
    assessor = excluded.assessor,
    status = excluded.status,
    retracted = excluded.retracted,
    started = excluded.started,
    behind = excluded.behind,
    unit = excluded.unit,
    quantity = excluded.quantity,
    fraction = excluded.fraction,
    topic = excluded.topic,
    begun_at = excluded.begun_at,
    made_at = excluded.made_at,
    due = excluded.due,
    date_asked_at = excluded.date_asked_at,
    delivered_at = excluded.delivered_at,
    ended_at = excluded.ended_at,
    declined = excluded.declined,
    terms_changed = excluded.terms_changed,
    terms_from = excluded.terms_from,
    newcomer = excluded.newcomer,
    delegated_from = excluded.delegated_from,
    assigned_from = excluded.assigned_from,
    disputed_by = excluded.disputed_by,
    worded_in = excluded.worded_in
;
INSERT INTO {table}
SELECT r.* FROM {rows} AS r
