SELECT p.promise_id, p.promisee FROM promise AS p
WHERE p.ledger_id = $1 AND p.promise_id = ANY ($2::uuid[])
