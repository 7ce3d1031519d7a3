DELETE FROM party_reference AS r
USING unnest($1::text[], $2::uuid[]) AS e (ledger_id, party_id)
WHERE r.ledger_id = e.ledger_id AND r.party_id = e.party_id
