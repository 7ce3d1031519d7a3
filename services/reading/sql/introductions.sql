SELECT i.introduction_id
FROM introduction AS i
WHERE i.ledger_id = $1
    AND ($2::uuid IS NULL OR i.introduction_id > $2)
ORDER BY i.introduction_id
LIMIT $3
