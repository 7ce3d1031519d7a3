-- How far a ledger's archive goes, its tree, and its last event that was recorded before $2.
SELECT
    coalesce((SELECT max(a.last) FROM archive_file AS a WHERE a.ledger_id = h.ledger_id), 0) AS archived,
    coalesce((SELECT t.size FROM log_head AS t WHERE t.ledger_id = h.ledger_id), 0) AS in_tree,
    coalesce((
        SELECT e.position FROM event AS e
        WHERE e.ledger_id = h.ledger_id AND e.recorded_at < $2 ORDER BY e.position DESC LIMIT 1
    ), 0) AS old
FROM ledger_head AS h
WHERE h.ledger_id = $1
