-- The introductions that a party, by any of its ids, is one of the three in; by id.
SELECT i.introduction_id
FROM introduction AS i
WHERE i.ledger_id = $1
    AND (i.introducer = ANY ($2::uuid[]) OR i.first = ANY ($2::uuid[]) OR i.second = ANY ($2::uuid[]))
    AND ($3::uuid IS NULL OR i.introduction_id > $3)
ORDER BY i.introduction_id
LIMIT $4
