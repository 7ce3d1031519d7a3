-- What the two roles may do that the service takes on as it connects; they are there already (services/database/roles.sql):
--   requite_service  for requests: sees the ledgers that it names in requite.ledgers, a list with commas, and no others
--   requite_worker   for what goes over all ledgers: background work, and the command line
-- Neither may change or delete an event. docs/security.md says who may do what, and docs/decisions/row-level-security.md
-- why it is done like this.

-- The ledgers that are named; none at all where nothing was.
CREATE FUNCTION named_ledgers() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT string_to_array(current_setting('requite.ledgers', true), ',')
$$;

-- Gives every table that has a ledger_id its policies, and both roles what they may do with it; those that have them are
-- left alone, since it locks what it changes. A migration that adds such a table ends with: SELECT guard_ledgers(); where
-- one does not, migrating calls it all the same.
--
-- The policy is no condition that an index could take: every statement names its ledgers itself, and so finds its rows.
-- This only looks at what was found. CASE keeps the planner's estimates near what they would be without it.
CREATE FUNCTION guard_ledgers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    guarded regclass;
    service text;
    worker  text;
    named   text;
    spread  boolean;
BEGIN
    FOR guarded IN
        SELECT c.oid::regclass
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
          AND a.attname = 'ledger_id' AND NOT a.attisdropped
          AND NOT (
              c.relrowsecurity
              AND has_table_privilege('requite_service', c.oid, 'SELECT')
              AND has_table_privilege('requite_worker', c.oid, 'SELECT')
          )
        ORDER BY c.relname
    LOOP
        service := CASE guarded::text
            WHEN 'event' THEN 'SELECT, INSERT'
            WHEN 'ledger_head' THEN 'SELECT, UPDATE'
            WHEN 'access_key' THEN 'SELECT, INSERT, UPDATE'
            WHEN 'data_key' THEN 'SELECT, INSERT, DELETE'
            WHEN 'day_key' THEN 'SELECT, INSERT'
            WHEN 'archive_file' THEN 'SELECT'
            WHEN 'log_head' THEN 'SELECT'
            WHEN 'log_tile' THEN 'SELECT'
            ELSE 'SELECT, INSERT, UPDATE, DELETE'
        END;
        worker := CASE guarded::text
            WHEN 'event' THEN 'SELECT, INSERT'
            WHEN 'archive_file' THEN 'SELECT'
            WHEN 'ledger_head' THEN 'SELECT, INSERT, UPDATE'
            ELSE 'SELECT, INSERT, UPDATE, DELETE'
        END;
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('DROP POLICY IF EXISTS named_ledgers ON %s', guarded);
        EXECUTE format('DROP POLICY IF EXISTS every_ledger ON %s', guarded);
        -- On a table that Citus has distributed it can only be open: see docs/scaling.md.
        named := '(CASE WHEN ledger_id = ANY ((SELECT named_ledgers())::text[]) THEN true ELSE false END)';
        IF to_regclass('pg_dist_partition') IS NOT NULL THEN
            EXECUTE 'SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = $1)' INTO spread USING guarded;
            named := CASE WHEN spread THEN '(true)' ELSE named END;
        END IF;
        EXECUTE format('CREATE POLICY named_ledgers ON %s TO requite_service USING %s', guarded, named);
        EXECUTE format('CREATE POLICY every_ledger ON %s TO requite_worker USING (true)', guarded);
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, requite_service, requite_worker', guarded);
        EXECUTE format('GRANT %s ON %s TO requite_service', service, guarded);
        EXECUTE format('GRANT %s ON %s TO requite_worker', worker, guarded);
    END LOOP;
    -- What is no ledger's is for background work, but that erasing a party forgets its person too.
    FOR guarded IN
        SELECT c.oid::regclass
        FROM pg_class AS c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
          AND c.relname <> 'schema_migration' AND NOT EXISTS (
              SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'ledger_id' AND NOT a.attisdropped
          )
          AND NOT has_table_privilege('requite_worker', c.oid, 'SELECT')
        ORDER BY c.relname
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, requite_service, requite_worker', guarded);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO requite_worker', guarded);
    END LOOP;
    GRANT SELECT, DELETE ON person_identity TO requite_service;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO requite_service, requite_worker', current_schema());
    GRANT SELECT ON schema_migration TO requite_service, requite_worker;
    GRANT EXECUTE ON FUNCTION claims_anywhere(uuid) TO requite_service, requite_worker;
END $$;

-- A person's claims in all ledgers, whichever are named: erasing a party has to know whether there are others.
CREATE FUNCTION claims_anywhere(person uuid) RETURNS TABLE (ledger_id text, key_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.ledger_id, c.key_id FROM claim AS c WHERE c.person_id = person
$$;
REVOKE EXECUTE ON FUNCTION claims_anywhere(uuid) FROM PUBLIC;

SELECT guard_ledgers();
