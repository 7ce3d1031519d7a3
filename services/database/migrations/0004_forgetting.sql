-- One key a day, without which nothing that was written about what happened on it can be read: destroying it forgets
-- those words, of everybody, and nothing else.
CREATE TABLE day_key (
    ledger_id text COLLATE "C" NOT NULL,
    day       date NOT NULL,            -- in UTC, of recording
    wrapped   bytea NOT NULL,           -- under the master key
    PRIMARY KEY (ledger_id, day)
);
