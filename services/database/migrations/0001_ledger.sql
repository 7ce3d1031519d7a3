-- The ledger: heads, events, keys, idempotency and access. Every key begins with ledger_id, so that one ledger is one
-- tenant on one machine or on many.

CREATE TABLE ledger_head (
    ledger_id   text COLLATE "C" NOT NULL,
    position    bigint NOT NULL,          -- of the last event; positions are 1, 2, 3 … without a gap
    recorded_at timestamptz NOT NULL,     -- of the last event; never goes back
    PRIMARY KEY (ledger_id)
) WITH (fillfactor = 50);                 -- room to update in place

CREATE TABLE event (
    ledger_id   text COLLATE "C" NOT NULL,
    position    bigint NOT NULL,
    stream_id   uuid NOT NULL,
    version     bigint NOT NULL,          -- place in the stream
    topic       text COLLATE "C" NOT NULL,
    giver       uuid,                     -- or promisor, introducer, the party itself
    receiver    uuid,                     -- or promisee, the first introduced
    third       uuid,                     -- the second introduced
    unit        text COLLATE "C",
    quantity    bigint NOT NULL,          -- what the event adds to what the giver gave; may be negative
    count       smallint NOT NULL,
    disputed    bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    state       bytea NOT NULL,           -- the canonical bytes; the columns above are copies of what they say
    PRIMARY KEY (ledger_id, position),
    UNIQUE (ledger_id, stream_id, version)
);
ALTER TABLE event ALTER COLUMN state SET STORAGE EXTERNAL;  -- hashed as they are; compressing costs more than it saves
CREATE INDEX event_given ON event (ledger_id, giver, receiver) WHERE receiver IS NOT NULL;
CREATE INDEX event_received ON event (ledger_id, receiver) WHERE receiver IS NOT NULL;
CREATE INDEX event_third ON event (ledger_id, third) WHERE third IS NOT NULL;

-- Kept apart from what it opens: a backup of the rest reads nothing.
CREATE TABLE data_key (
    ledger_id   text COLLATE "C" NOT NULL,
    subject_id  uuid NOT NULL,            -- a party; the nil UUID is the ledger itself
    wrapped     bytea NOT NULL,           -- under the master key
    PRIMARY KEY (ledger_id, subject_id)
);

CREATE TABLE party_reference (
    ledger_id   text COLLATE "C" NOT NULL,
    reference   bytea NOT NULL,           -- keyed hash of the partner's system and its id for the party
    party_id    uuid NOT NULL,
    PRIMARY KEY (ledger_id, reference)
);
CREATE INDEX party_reference_party ON party_reference (ledger_id, party_id);

CREATE TABLE idempotency (
    ledger_id   text COLLATE "C" NOT NULL,
    key         bytea NOT NULL,           -- keyed hash of who sent it and the key that was sent
    body        bytea NOT NULL,           -- keyed hash of the command
    stream_id   uuid NOT NULL,
    position    bigint NOT NULL,          -- of the last event it led to; the head's, where it led to none
    events      integer NOT NULL,
    expires_at  timestamptz,              -- never, for an import
    PRIMARY KEY (ledger_id, key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE access_key (
    ledger_id   text COLLATE "C" NOT NULL,
    key_id      text COLLATE "C" NOT NULL,
    scopes      text[] NOT NULL,          -- read, record, audit, admin
    parties     uuid[],                   -- the parties it acts for; null: a recorder, for all
    label       text NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz,
    revoked_at  timestamptz,
    PRIMARY KEY (ledger_id, key_id)
);

CREATE TABLE sign_in_link (
    ledger_id   text COLLATE "C" NOT NULL,
    token       bytea NOT NULL,           -- SHA-256 of the random token
    key_id      text COLLATE "C" NOT NULL,
    expires_at  timestamptz NOT NULL,
    only_here   boolean NOT NULL DEFAULT false, -- good on the machine itself alone
    PRIMARY KEY (ledger_id, token)
);

-- Moves heads on, in the order given (by ledger_id, so that no two callers wait for each other in a ring), and answers
-- those that were not where the caller thought: nothing may be written for them. What follows in the same statement, or in
-- the same transaction, sees these ledgers and no others.
CREATE FUNCTION advance_heads(ledgers text[], expected bigint[], positions bigint[], moments timestamptz[])
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    moved text[] := '{}';
BEGIN
    PERFORM set_config('requite.ledgers', array_to_string(ledgers, ','), true);
    FOR i IN 1 .. cardinality(ledgers) LOOP
        UPDATE ledger_head SET position = positions[i], recorded_at = moments[i]
        WHERE ledger_id = ledgers[i] AND position = expected[i];
        IF NOT FOUND THEN
            moved := moved || ledgers[i];
        END IF;
    END LOOP;
    RETURN moved;
END $$;

-- The same for one ledger: whether its head was where the caller thought.
CREATE FUNCTION advance_head(ledger text, expected bigint, place bigint, moment timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('requite.ledgers', ledger, true);
    UPDATE ledger_head SET position = place, recorded_at = moment WHERE ledger_id = ledger AND position = expected;
    RETURN FOUND;
END $$;
