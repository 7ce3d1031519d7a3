SELECT r.ledger_id, r.reference, r.party_id
FROM unnest($1::text[], $2::bytea[]) AS wanted (ledger_id, reference)
JOIN party_reference AS r ON r.ledger_id = wanted.ledger_id AND r.reference = wanted.reference
