-- A key's secrets. While a key is being rotated its old secret opens too, until its end.
CREATE TABLE access_secret (
    ledger_id    text COLLATE "C" NOT NULL,
    key_id       text COLLATE "C" NOT NULL,
    number       integer NOT NULL,         -- 1, 2, 3 … within the key; the highest is the current one
    hash         bytea NOT NULL,           -- SHA-256 of the random secret
    created_at   timestamptz NOT NULL,
    ends_at      timestamptz,              -- null: as long as the key
    last_used_at timestamptz,              -- written now and then: a minute late, or somewhat more
    PRIMARY KEY (ledger_id, key_id, number)
) WITH (fillfactor = 70);
