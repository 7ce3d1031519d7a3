-- The first that waits of each of these streams has its turn, the others wait for it.
UPDATE webhook_delivery AS d
SET next_at = CASE WHEN line.is_first THEN $4::timestamptz END
FROM (
    SELECT o.position, o.position = min(o.position) OVER (PARTITION BY o.stream_id) AS is_first
    FROM webhook_delivery AS o
    WHERE o.ledger_id = $1 AND o.webhook_id = $2 AND o.dead_at IS NULL AND o.stream_id = ANY ($3::uuid[])
) AS line
WHERE d.ledger_id = $1 AND d.webhook_id = $2 AND d.position = line.position
    AND (d.next_at IS NULL) = line.is_first
