-- A ledger's head, its key, and the last event of its own stream, which holds the policy in force.
SELECT h.position, h.recorded_at, k.wrapped, latest.state AS policy,
    EXISTS (SELECT FROM party_alias AS a WHERE a.ledger_id = h.ledger_id) AS has_merges
FROM ledger_head AS h
JOIN data_key AS k ON k.ledger_id = h.ledger_id AND k.subject_id = $2
CROSS JOIN LATERAL (
    SELECT e.state
    FROM event AS e
    WHERE e.ledger_id = h.ledger_id AND e.stream_id = $2
    ORDER BY e.version DESC
    LIMIT 1
) AS latest
WHERE h.ledger_id = $1
