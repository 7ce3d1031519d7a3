SELECT p.reminded_in FROM party AS p WHERE p.ledger_id = $1 AND p.party_id = $2
