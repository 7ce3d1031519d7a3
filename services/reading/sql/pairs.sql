-- A page of the pairs (a < b) that have a balance. Each direction walks its own index, so a page costs a page.
SELECT pair.a, pair.b
FROM (
    (
        SELECT DISTINCT b.giver AS a, b.receiver AS b
        FROM balance AS b
        WHERE b.ledger_id = $1 AND b.giver < b.receiver AND (b.giver, b.receiver) > ($2, $3)
        ORDER BY b.giver, b.receiver
        LIMIT $4
    )
    UNION
    (
        SELECT DISTINCT b.receiver, b.giver
        FROM balance AS b
        WHERE b.ledger_id = $1 AND b.receiver < b.giver AND (b.receiver, b.giver) > ($2, $3)
        ORDER BY b.receiver, b.giver
        LIMIT $4
    )
) AS pair
ORDER BY pair.a, pair.b
LIMIT $4
