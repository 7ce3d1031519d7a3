-- The Merkle tree over each ledger's events, in tiles of 256 hashes. It follows the log and can be built anew from it.

CREATE TABLE log_head (
    ledger_id   text COLLATE "C" NOT NULL,
    size        bigint NOT NULL,          -- how many events are in the tree
    root        bytea NOT NULL,
    PRIMARY KEY (ledger_id)
) WITH (fillfactor = 50);

CREATE TABLE log_tile (
    ledger_id   text COLLATE "C" NOT NULL,
    level       smallint NOT NULL,
    index       bigint NOT NULL,
    hashes      bytea NOT NULL,           -- up to 256, one after the other
    PRIMARY KEY (ledger_id, level, index)
);
ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;  -- hashes do not compress

CREATE TABLE log_cosignature (
    ledger_id   text COLLATE "C" NOT NULL,
    witness     text COLLATE "C" NOT NULL, -- the witness's key, as it is written in one line
    checkpoint  text COLLATE "C" NOT NULL, -- the text that was signed
    signature   bytea NOT NULL,            -- its time and signature
    PRIMARY KEY (ledger_id, witness)
);
