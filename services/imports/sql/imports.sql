-- Imports, the latest first, and what each recorded; all, or one of them.
SELECT i.import_id, i.format, i.state, i.key_id, i.me, i.begun_at, i.ended_at, i.beat_at, i.tally,
    (
        SELECT coalesce(json_object_agg(of_kind.kind, of_kind.count), '{}')::text
        FROM (
            SELECT r.kind, count(*) FROM file_import_record AS r
            WHERE r.ledger_id = i.ledger_id AND r.import_id = i.import_id GROUP BY r.kind ORDER BY r.kind
        ) AS of_kind
    ) AS recorded,
    (
        SELECT count(*) FROM file_import_record AS r
        WHERE r.ledger_id = i.ledger_id AND r.import_id = i.import_id AND r.state IN ('undone', 'again')
    ) AS undone
FROM file_import AS i
WHERE i.ledger_id = $1 AND ($2::uuid IS NULL OR i.import_id = $2)
ORDER BY i.import_id DESC
LIMIT $3
