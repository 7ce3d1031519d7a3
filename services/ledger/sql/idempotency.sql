SELECT i.ledger_id, i.key, i.body, i.stream_id, i.position, i.events
FROM unnest($1::text[], $2::bytea[]) AS wanted (ledger_id, key)
JOIN idempotency AS i ON i.ledger_id = wanted.ledger_id AND i.key = wanted.key

