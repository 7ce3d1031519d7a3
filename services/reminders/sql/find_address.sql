SELECT c.party_id FROM calendar_address AS c WHERE c.ledger_id = $1 AND c.token = $2
