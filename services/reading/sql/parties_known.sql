SELECT count(*) FROM party AS p WHERE p.ledger_id = $1 AND p.party_id = ANY ($2::uuid[])
