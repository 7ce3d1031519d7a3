-- A page of the parties with which one party has a balance.
SELECT pair.other
FROM (
    (
        SELECT DISTINCT b.receiver AS other
        FROM balance AS b
        WHERE b.ledger_id = $1 AND b.giver = $2 AND b.receiver > $3
        ORDER BY b.receiver
        LIMIT $4
    )
    UNION
    (
        SELECT DISTINCT b.giver
        FROM balance AS b
        WHERE b.ledger_id = $1 AND b.receiver = $2 AND b.giver > $3
        ORDER BY b.giver
        LIMIT $4
    )
) AS pair
ORDER BY pair.other
LIMIT $4
