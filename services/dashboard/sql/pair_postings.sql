-- What moved the balance between two, as it occurred: $2 the ids of the one, $3 those of the other, $4 the latest so many.
SELECT f.unit, f.forth, f.quantity, f.occurred_at
FROM (
    SELECT s.*
    FROM (
        SELECT g.position, g.unit, true AS forth, g.quantity, g.occurred_at
        FROM event AS g
        WHERE g.ledger_id = $1 AND g.giver = ANY ($2::uuid[]) AND g.receiver = ANY ($3::uuid[])
        UNION ALL
        SELECT t.position, t.unit, true, t.quantity, t.occurred_at
        FROM event AS t
        WHERE t.ledger_id = $1 AND t.giver = ANY ($2) AND t.third = ANY ($3)
        UNION ALL
        SELECT r.position, r.unit, false, r.quantity, r.occurred_at
        FROM event AS r
        WHERE r.ledger_id = $1 AND r.giver = ANY ($3) AND r.receiver = ANY ($2)
        UNION ALL
        SELECT u.position, u.unit, false, u.quantity, u.occurred_at
        FROM event AS u
        WHERE u.ledger_id = $1 AND u.giver = ANY ($3) AND u.third = ANY ($2)
    ) AS s
    WHERE s.unit IS NOT NULL AND s.quantity <> 0
    ORDER BY s.position DESC
    LIMIT $4
) AS f
ORDER BY f.occurred_at, f.position
