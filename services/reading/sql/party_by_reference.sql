SELECT r.party_id FROM party_reference AS r WHERE r.ledger_id = $1 AND r.reference = $2
