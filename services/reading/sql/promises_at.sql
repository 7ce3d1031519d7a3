    -- The last transition of each promise until the moment. The filters come first: a promise never changes its parties
    -- nor when it was made.
    SELECT DISTINCT ON (p.promise_id) p.* FROM promise_transition AS p WHERE p.ledger_id = $1
        AND p.position <= $2
        AND ($3::timestamptz IS NULL OR p.occurred_at <= $3)
        AND ($7::uuid IS NULL OR p.promisor = $7)
        AND ($8::uuid IS NULL OR p.promisee = $8)
        AND ($9::uuid IS NULL OR p.promisor = $9 OR p.promisee = $9)
        AND ($10::uuid IS NULL OR p.promisor = $10 OR p.promisee = $10)
        AND ($11::timestamptz IS NULL OR p.made_at >= $11)
        AND ($12::timestamptz IS NULL OR p.made_at < $12)
    ORDER BY p.promise_id, p.position DESC
