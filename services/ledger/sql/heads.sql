-- Heads, the ledgers' keys, and those of the last days on which something was written.
SELECT h.ledger_id, h.position, h.recorded_at, k.wrapped, latest.day, latest.wrapped AS day_wrapped
FROM ledger_head AS h
JOIN data_key AS k ON k.ledger_id = h.ledger_id AND k.subject_id = '00000000-0000-0000-0000-000000000000'
LEFT JOIN LATERAL (
    SELECT d.day, d.wrapped FROM day_key AS d WHERE d.ledger_id = h.ledger_id ORDER BY d.day DESC LIMIT 1
) AS latest ON true
WHERE h.ledger_id = ANY ($1::text[])
ORDER BY h.ledger_id
