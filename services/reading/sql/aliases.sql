-- What parties were merged into at a moment: the last that was said of each until then.
SELECT a.party_id, a.into_id, a.occurred_at
FROM (
    SELECT DISTINCT ON (m.party_id) m.party_id, m.into_id, m.occurred_at
    FROM party_alias AS m
    WHERE m.ledger_id = $1 AND m.position <= $2
        AND ($3::timestamptz IS NULL OR m.occurred_at <= $3)
    ORDER BY m.party_id, m.position DESC
) AS a
WHERE a.into_id IS NOT NULL
