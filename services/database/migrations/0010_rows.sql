-- The types that rows are written in: the columns that the tables have now, in their order. A table's own row type would
-- change with the table, and a process of an older version could write nothing any more while a newer one has added a
-- column. A version that writes more columns makes itself a type of another name, and the one before it is dropped later.
DO $$
DECLARE
    written text;
BEGIN
    FOREACH written IN ARRAY ARRAY[
        'event', 'data_key', 'day_key', 'party_reference', 'idempotency',
        'balance', 'gift', 'introduction', 'membership', 'party', 'party_alias', 'promise', 'tie'
    ] LOOP
        EXECUTE (
            SELECT format('CREATE TYPE %I AS (%s)', written || '_row', string_agg(
                format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
                    || CASE WHEN a.attcollation = 'pg_catalog."C"'::regcollation THEN ' COLLATE "C"' ELSE '' END,
                ', ' ORDER BY a.attnum
            ))
            FROM pg_attribute AS a
            WHERE a.attrelid = written::regclass AND a.attnum > 0 AND NOT a.attisdropped
        );
    END LOOP;
END $$;
