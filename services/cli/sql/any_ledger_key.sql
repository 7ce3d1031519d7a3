-- The key of any ledger, to try the master key on.
SELECT k.ledger_id, k.subject_id, k.wrapped FROM data_key AS k WHERE k.subject_id = $1 LIMIT 1
