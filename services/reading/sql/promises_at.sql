    -- The last transition of each promise until the moment. A promise may change hands: those that ever were in these
    -- are looked for first, and whose they were at the moment is told from the last transition.
    SELECT DISTINCT ON (p.promise_id) p.* FROM promise_transition AS p WHERE p.ledger_id = $1
        AND p.position <= $2
        AND ($3::timestamptz IS NULL OR p.occurred_at <= $3)
        AND ($7::uuid[] IS NULL OR p.promise_id IN (SELECT t.promise_id FROM promise_transition AS t WHERE t.ledger_id = $1 AND t.promisor = ANY ($7)))
        AND ($8::uuid[] IS NULL OR p.promise_id IN (SELECT t.promise_id FROM promise_transition AS t WHERE t.ledger_id = $1 AND t.promisee = ANY ($8)))
        AND ($9::uuid[] IS NULL OR p.promise_id IN (SELECT t.promise_id FROM promise_transition AS t WHERE t.ledger_id = $1 AND (t.promisor = ANY ($9) OR t.promisee = ANY ($9))))
    ORDER BY p.promise_id{order}, p.position DESC
