DELETE FROM data_key AS k
USING unnest($1::text[], $2::uuid[]) AS e (ledger_id, party_id)
WHERE k.ledger_id = e.ledger_id AND k.subject_id = e.party_id
