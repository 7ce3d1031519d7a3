SELECT p.promisor FROM promise AS p WHERE p.ledger_id = $1 AND p.promise_id = $2
