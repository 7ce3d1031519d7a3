-- A page of the parties with which two parties ($2 and $3, all ids of either) both have a balance. $4 after  $5 limit
-- $6 merged  $7 standing for them
SELECT o.other
FROM (
    SELECT root_of(b.receiver, $6::uuid[], $7::uuid[]) AS other, b.giver = ANY ($2::uuid[]) AS of_first
    FROM balance AS b
    WHERE b.ledger_id = $1 AND b.giver = ANY ($2 || $3::uuid[])
    UNION ALL
    SELECT root_of(b.giver, $6, $7), b.receiver = ANY ($2)
    FROM balance AS b
    WHERE b.ledger_id = $1 AND b.receiver = ANY ($2 || $3)
) AS o
WHERE o.other > $4 AND o.other <> ALL ($2 || $3)
GROUP BY o.other
HAVING bool_or(o.of_first) AND NOT bool_and(o.of_first)
ORDER BY o.other
LIMIT $5
