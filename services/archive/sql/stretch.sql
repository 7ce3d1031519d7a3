SELECT ledger_id, position, stream_id, version, topic, giver, receiver, third, unit, quantity, count, disputed,
    occurred_at, recorded_at, state
FROM event
WHERE ledger_id = $1 AND position BETWEEN $2 AND $3
ORDER BY position
