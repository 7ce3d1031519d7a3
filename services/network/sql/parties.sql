-- The parties, in the order of their ids. $2 how many at most
SELECT p.party_id FROM party AS p WHERE p.ledger_id = $1 ORDER BY p.party_id LIMIT $2
