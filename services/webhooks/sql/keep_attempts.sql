INSERT INTO webhook_attempt (ledger_id, webhook_id, position, attempted_at, status, error, latency_ms)
SELECT $1, $2, a.*
FROM unnest($3::bigint[], $4::timestamptz[], $5::smallint[], $6::text[], $7::integer[]) AS a
ON CONFLICT DO NOTHING
