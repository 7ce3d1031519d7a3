WITH told AS (
    (SELECT DISTINCT a.position FROM webhook_attempt AS a
     WHERE a.ledger_id = $1 AND a.webhook_id = $2 AND a.position < $3
     ORDER BY a.position DESC
     LIMIT $4)
    UNION
    (SELECT d.position FROM webhook_delivery AS d
     WHERE d.ledger_id = $1 AND d.webhook_id = $2 AND d.position < $3
     ORDER BY d.position DESC
     LIMIT $4)
)
SELECT t.position, d.tries, d.next_at, d.dead_at, d.position IS NOT NULL AS is_open
FROM told AS t
LEFT JOIN webhook_delivery AS d ON d.ledger_id = $1 AND d.webhook_id = $2 AND d.position = t.position
ORDER BY t.position DESC
LIMIT $4
