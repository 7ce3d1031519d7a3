SELECT k.ledger_id, k.day, k.wrapped FROM day_key AS k
