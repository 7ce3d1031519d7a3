-- Each at most once a minute, whichever process saw it.
UPDATE access_secret AS s SET last_used_at = u.used_at
FROM unnest($1::text[], $2::text[], $3::integer[], $4::timestamptz[]) AS u (ledger_id, key_id, number, used_at)
WHERE s.ledger_id = u.ledger_id AND s.key_id = u.key_id AND s.number = u.number
  AND (s.last_used_at IS NULL OR s.last_used_at <= u.used_at - interval '1 minute')
