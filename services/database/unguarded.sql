-- Tables that lack row-level security where they are ledgers', or what the roles may do with them: new ones, restored ones.
SELECT c.oid::regclass::text
FROM pg_class AS c
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'ledger_id' AND NOT a.attisdropped
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  AND (
      NOT has_table_privilege('requite_worker', c.oid, 'SELECT')
      OR (a.attrelid IS NOT NULL AND NOT (c.relrowsecurity AND has_table_privilege('requite_service', c.oid, 'SELECT')))
  )
