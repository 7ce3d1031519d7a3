SELECT k.day, k.wrapped
FROM day_key AS k
WHERE k.ledger_id = $1 AND k.day = ANY ($2::date[])
