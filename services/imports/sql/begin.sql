-- The import of a file: a new one, or the one that there is where nobody is at it ($11: silent since then).
INSERT INTO file_import AS i (
    ledger_id, import_id, file, format, capacity, key_id, me, state, begun_at, worker, beat_at, tally
)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'running', $8, $9, $8, $10)
ON CONFLICT (ledger_id, file) WHERE state IN ('running', 'done') DO UPDATE SET
    state = 'running', worker = excluded.worker, beat_at = excluded.beat_at, ended_at = NULL
WHERE i.state = 'done' OR i.beat_at < $11
RETURNING i.import_id
