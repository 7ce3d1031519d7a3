    -- The live table; $2 and $3 say nothing more of now. What is asked for is looked for here already, by its index.
    SELECT p.* FROM promise AS p WHERE p.ledger_id = $1
        AND p.position <= $2
        AND $3::timestamptz IS NULL
        AND ($7::uuid[] IS NULL OR p.promisor = ANY ($7))
        AND ($8::uuid[] IS NULL OR p.promisee = ANY ($8))
        AND ($9::uuid[] IS NULL OR p.promisor = ANY ($9) OR p.promisee = ANY ($9))
