-- A page of the parties with which one party ($2, all its ids) has a balance, by those that stand for them. Those merged
-- ($5, standing for them $6) are looked up.
SELECT pair.other
FROM (
    SELECT walked.other
    FROM unnest($2::uuid[]) AS me (id)
    CROSS JOIN LATERAL (
        (
            SELECT DISTINCT b.receiver AS other
            FROM balance AS b
            WHERE b.ledger_id = $1 AND b.giver = me.id AND b.receiver > $3
                AND b.receiver <> ALL ($2) AND b.receiver <> ALL ($5::uuid[])
            ORDER BY b.receiver
            LIMIT $4
        )
        UNION
        (
            SELECT DISTINCT b.giver
            FROM balance AS b
            WHERE b.ledger_id = $1 AND b.receiver = me.id AND b.giver > $3
                AND b.giver <> ALL ($2) AND b.giver <> ALL ($5)
            ORDER BY b.giver
            LIMIT $4
        )
    ) AS walked
    UNION
    SELECT root_of(b.receiver, $5, $6::uuid[])
    FROM balance AS b
    WHERE b.ledger_id = $1 AND b.giver = ANY ($2) AND b.receiver = ANY ($5) AND b.receiver <> ALL ($2)
    UNION
    SELECT root_of(b.giver, $5, $6)
    FROM balance AS b
    WHERE b.ledger_id = $1 AND b.receiver = ANY ($2) AND b.giver = ANY ($5) AND b.giver <> ALL ($2)
) AS pair
WHERE pair.other > $3
ORDER BY pair.other
LIMIT $4
