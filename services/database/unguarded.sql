-- Tables of ledgers that lack row-level security, or what the roles may do with them: new ones, or restored ones.
SELECT c.oid::regclass::text
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  AND a.attname = 'ledger_id' AND NOT a.attisdropped
  AND NOT (
      c.relrowsecurity AND has_table_privilege('requite_service', c.oid, 'SELECT')
      AND has_table_privilege('requite_worker', c.oid, 'SELECT')
  )
