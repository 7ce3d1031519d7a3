SELECT c.created_at FROM calendar_address AS c WHERE c.ledger_id = $1 AND c.party_id = $2
