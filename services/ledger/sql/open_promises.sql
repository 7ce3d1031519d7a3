-- How many promises each of these has open; domain/promise/state.py says which are.
SELECT wanted.ledger_id, wanted.promisor, count(p.promise_id)
FROM unnest($1::text[], $2::uuid[]) AS wanted (ledger_id, promisor)
LEFT JOIN promise AS p ON p.ledger_id = wanted.ledger_id AND p.promisor = wanted.promisor
    AND p.status IN ('promised', 'reported') AND NOT p.retracted
GROUP BY wanted.ledger_id, wanted.promisor
