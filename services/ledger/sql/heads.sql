SELECT h.ledger_id, h.position, h.recorded_at, k.wrapped
FROM ledger_head AS h
JOIN data_key AS k ON k.ledger_id = h.ledger_id AND k.subject_id = '00000000-0000-0000-0000-000000000000'
WHERE h.ledger_id = ANY ($1::text[])
ORDER BY h.ledger_id
