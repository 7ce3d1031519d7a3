-- Ledgers by id, each with the last event of its own stream, which holds the policy in force.
SELECT h.ledger_id, latest.state
FROM ledger_head AS h
CROSS JOIN LATERAL (
    SELECT e.state
    FROM event AS e
    WHERE e.ledger_id = h.ledger_id AND e.stream_id = '00000000-0000-0000-0000-000000000000'
    ORDER BY e.version DESC
    LIMIT 1
) AS latest
WHERE h.ledger_id > $1
ORDER BY h.ledger_id
LIMIT $2
