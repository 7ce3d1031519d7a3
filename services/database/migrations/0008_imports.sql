-- Imports of files that people had in hand: what became of each, and what it recorded, so that it can be undone.
CREATE TABLE file_import (
    ledger_id  text COLLATE "C" NOT NULL,
    import_id  uuid NOT NULL,
    file       bytea NOT NULL,            -- keyed hash of the file and of what was said about it
    format     text COLLATE "C" NOT NULL,
    capacity   text COLLATE "C" NOT NULL, -- by whom: recorder or admin, and the access key
    key_id     text COLLATE "C" NOT NULL,
    me         uuid,                      -- whose file it is
    state      text COLLATE "C" NOT NULL, -- running, done, undoing, undone
    begun_at   timestamptz NOT NULL,
    ended_at   timestamptz,               -- of the last run or undoing
    worker     uuid NOT NULL,             -- whoever is at it, or was last
    beat_at    timestamptz NOT NULL,      -- when that one last gave a sign
    tally      text NOT NULL,             -- JSON: counts, and places of the file with the codes of what refused them
    PRIMARY KEY (ledger_id, import_id)
);
CREATE UNIQUE INDEX file_import_file ON file_import (ledger_id, file) WHERE state IN ('running', 'done');

CREATE TABLE file_import_record (
    ledger_id text COLLATE "C" NOT NULL,
    import_id uuid NOT NULL,
    number    integer NOT NULL,           -- its place in the import
    kind      text COLLATE "C" NOT NULL,  -- of the stream; reference: one that a party had before was given
    stream_id uuid NOT NULL,
    state     text COLLATE "C" NOT NULL,  -- recorded, undone, again (a later import took it up), or why it stays
    PRIMARY KEY (ledger_id, import_id, number)
);
CREATE INDEX file_import_record_stream ON file_import_record (ledger_id, stream_id);
