-- Two roles that own nothing; migration 0009 says what each may do. They are the server's, not the database's, so a
-- database that was restored elsewhere needs them made anew.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['requite_service', 'requite_worker'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another process was first
            END;
        END IF;
        IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', name, current_user);
        END IF;
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'The login of DATABASE_URL may not make the roles that Requite takes on. Have an administrator run:'
        ' CREATE ROLE requite_service NOLOGIN; CREATE ROLE requite_worker NOLOGIN;'
        ' GRANT requite_service, requite_worker TO %', quote_ident(current_user);
END $$;
