-- The keys of parties ($2), as far as they are there; the nil UUID's key is the ledger's own.
SELECT k.subject_id, k.wrapped
FROM data_key AS k
WHERE k.ledger_id = $1 AND k.subject_id = ANY ($2::uuid[])
    AND k.subject_id <> '00000000-0000-0000-0000-000000000000'
