-- For each wanted (stream, position, events): the stream's last events up to the position, newest first; one at least,
-- for the version. Recorded when the position was: that is another stream's event where the command led to none.
SELECT wanted.n, e.position, e.version, e.topic, last.recorded_at
FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::int[]) WITH ORDINALITY
    AS wanted (ledger_id, stream_id, position, events, n)
JOIN event AS last ON last.ledger_id = wanted.ledger_id AND last.position = wanted.position
CROSS JOIN LATERAL (
    SELECT position, version, topic
    FROM event
    WHERE ledger_id = wanted.ledger_id AND stream_id = wanted.stream_id AND position <= wanted.position
    ORDER BY version DESC
    LIMIT greatest(wanted.events, 1)
) AS e
ORDER BY wanted.n, e.version DESC
