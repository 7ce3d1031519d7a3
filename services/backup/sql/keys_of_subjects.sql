SELECT k.ledger_id, k.subject_id, k.wrapped FROM data_key AS k
