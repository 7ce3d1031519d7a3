    -- The promises that a party, by its ids ($4), is in or is to take over, as they stand now.
    SELECT p.* FROM promise AS p
    WHERE p.ledger_id = $1 AND p.position <= $2 AND $3::timestamptz IS NULL
        AND (p.promisor = ANY ($4::uuid[]) OR p.promisee = ANY ($4::uuid[]) OR p.newcomer = ANY ($4::uuid[]))
