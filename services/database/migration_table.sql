CREATE TABLE IF NOT EXISTS schema_migration (
    version    integer     PRIMARY KEY CHECK (version > 0),
    name       text        NOT NULL,
    sha256     text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
