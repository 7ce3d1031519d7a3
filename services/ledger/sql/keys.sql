-- Parties only: the nil UUID's key is the ledger's own.
SELECT k.ledger_id, k.subject_id, k.wrapped
FROM unnest($1::text[], $2::uuid[]) AS wanted (ledger_id, subject_id)
JOIN data_key AS k ON k.ledger_id = wanted.ledger_id AND k.subject_id = wanted.subject_id
WHERE k.subject_id <> '00000000-0000-0000-0000-000000000000'
