-- Answers nothing where the lease went to another process: then nothing of the round may be written.
UPDATE webhook AS w
SET position = greatest(w.position, $4), failures = $5, failing_since = $6, next_at = $7,
    disabled_at = CASE WHEN $8::text IS NULL THEN w.disabled_at ELSE $9 END,
    disabled_for = coalesce($8, w.disabled_for)
WHERE w.ledger_id = $1 AND w.webhook_id = $2 AND w.lease = $3
RETURNING true
