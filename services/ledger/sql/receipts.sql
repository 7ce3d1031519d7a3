-- For each wanted (stream, position, events): the stream's last events up to the position, newest first; one at least,
-- for the version.
SELECT wanted.n, e.position, e.version, e.topic, e.recorded_at
FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::int[]) WITH ORDINALITY
    AS wanted (ledger_id, stream_id, position, events, n)
CROSS JOIN LATERAL (
    SELECT position, version, topic, recorded_at
    FROM event
    WHERE ledger_id = wanted.ledger_id AND stream_id = wanted.stream_id AND position <= wanted.position
    ORDER BY version DESC
    LIMIT greatest(wanted.events, 1)
) AS e
ORDER BY wanted.n, e.version DESC
