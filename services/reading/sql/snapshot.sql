-- A ledger's head, its key, the event that began it, the last one of its own stream, which holds the policy in force, and
-- which parties are merged into which by now.
SELECT
    h.position,
    h.recorded_at,
    k.wrapped,
    latest.state AS policy,
    (SELECT e.state FROM event AS e WHERE e.ledger_id = h.ledger_id AND e.stream_id = $2 AND e.version = 1) AS opened,
    EXISTS (SELECT FROM party_alias AS a WHERE a.ledger_id = h.ledger_id) AS has_merges,
    ARRAY(
        SELECT (m.party_id, m.into_id, m.occurred_at)
        FROM (
            SELECT DISTINCT ON (a.party_id) a.party_id, a.into_id, a.occurred_at
            FROM party_alias AS a
            WHERE a.ledger_id = h.ledger_id
            ORDER BY a.party_id, a.position DESC
        ) AS m
        WHERE m.into_id IS NOT NULL
    ) AS merges
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
