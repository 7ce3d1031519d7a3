-- A ledger's head and key, and of its own stream the first event (its title) and the last (its policy).
SELECT h.position, h.recorded_at, k.wrapped, opened.state AS opened, latest.state AS latest
FROM ledger_head AS h
JOIN data_key AS k ON k.ledger_id = h.ledger_id AND k.subject_id = $2
JOIN event AS opened ON opened.ledger_id = h.ledger_id AND opened.stream_id = $2 AND opened.version = 1
JOIN event AS latest ON latest.ledger_id = h.ledger_id AND latest.stream_id = $2 AND latest.version = (
    SELECT max(e.version) FROM event AS e WHERE e.ledger_id = $1 AND e.stream_id = $2
)
WHERE h.ledger_id = $1
