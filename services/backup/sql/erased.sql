-- Who was erased, by all ledgers' logs.
SELECT e.ledger_id, e.recorded_at, e.state
FROM event AS e
WHERE e.topic = 'party.erased'
ORDER BY e.ledger_id, e.position
