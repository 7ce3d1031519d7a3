-- A page of the pairs (a < b) that have a balance, by the parties that stand for them. Each direction walks its own index,
-- so a page costs a page; the rows of merged parties ($5, standing for them $6) are few, and are looked up.
SELECT pair.a, pair.b
FROM (
    (
        SELECT DISTINCT b.giver AS a, b.receiver AS b
        FROM balance AS b
        WHERE b.ledger_id = $1 AND b.giver < b.receiver AND (b.giver, b.receiver) > ($2, $3)
            AND b.giver <> ALL ($5::uuid[]) AND b.receiver <> ALL ($5)
        ORDER BY b.giver, b.receiver
        LIMIT $4
    )
    UNION
    (
        SELECT DISTINCT b.receiver, b.giver
        FROM balance AS b
        WHERE b.ledger_id = $1 AND b.receiver < b.giver AND (b.receiver, b.giver) > ($2, $3)
            AND b.giver <> ALL ($5) AND b.receiver <> ALL ($5)
        ORDER BY b.receiver, b.giver
        LIMIT $4
    )
    UNION
    SELECT least(m.giver, m.receiver), greatest(m.giver, m.receiver)
    FROM (
        SELECT root_of(b.giver, $5, $6::uuid[]) AS giver, root_of(b.receiver, $5, $6) AS receiver
        FROM balance AS b
        WHERE b.ledger_id = $1 AND (b.giver = ANY ($5) OR b.receiver = ANY ($5))
    ) AS m
    WHERE m.giver <> m.receiver
) AS pair
WHERE (pair.a, pair.b) > ($2, $3)
ORDER BY pair.a, pair.b
LIMIT $4
