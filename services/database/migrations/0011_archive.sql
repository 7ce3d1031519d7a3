-- The files that old events' bytes were put away in, beside the database. They never change.

CREATE TABLE archive_file (
    ledger_id   text COLLATE "C" NOT NULL,
    first       bigint NOT NULL,          -- position of its first event
    last        bigint NOT NULL,          -- and of its last: a file has all between
    file        text COLLATE "C" NOT NULL, -- below the archive's folder
    bytes       bigint NOT NULL,
    sha256      bytea NOT NULL,
    archived_at timestamptz NOT NULL,
    PRIMARY KEY (ledger_id, first)
);

SELECT guard_ledgers();
