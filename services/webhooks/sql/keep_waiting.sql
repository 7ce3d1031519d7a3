INSERT INTO webhook_delivery (ledger_id, webhook_id, position, stream_id, tries, first_at, next_at, dead_at)
SELECT $1, $2, a.*
FROM unnest($3::bigint[], $4::uuid[], $5::integer[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[]) AS a
ON CONFLICT (ledger_id, webhook_id, position) DO UPDATE
SET tries = excluded.tries, first_at = excluded.first_at, next_at = excluded.next_at, dead_at = excluded.dead_at
