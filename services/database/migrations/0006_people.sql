-- People across ledgers: who claimed which party's record, and by which provider they sign in.

CREATE TABLE claim_link (
    ledger_id   text COLLATE "C" NOT NULL,
    token       bytea NOT NULL,           -- SHA-256 of the random token
    party_id    uuid NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (ledger_id, token)
);
CREATE INDEX claim_link_party ON claim_link (ledger_id, party_id);

CREATE TABLE claim (
    ledger_id   text COLLATE "C" NOT NULL,
    key_id      text COLLATE "C" NOT NULL,  -- the access key that the person acts by
    party_id    uuid NOT NULL,
    person_id   uuid NOT NULL,
    claimed_at  timestamptz NOT NULL,
    PRIMARY KEY (ledger_id, key_id)
);
CREATE INDEX claim_person ON claim (person_id);
CREATE INDEX claim_party ON claim (ledger_id, party_id);

-- No ledger's: it tells only that whoever signs in so is the same person, and is gone with the person's last claim.
CREATE TABLE person_identity (
    identity    bytea NOT NULL,           -- keyed hash of the provider and its name for the person
    person_id   uuid NOT NULL,
    PRIMARY KEY (identity)
);
CREATE INDEX person_identity_person ON person_identity (person_id);

-- ── reminders ──────────────────────────────────────────────────────────────────────────────────────────────────────

-- The digests: one row for each party that is reminded, claimed by whoever sends the day's one.
CREATE TABLE digest (
    ledger_id     text COLLATE "C" NOT NULL,
    party_id      uuid NOT NULL,
    day           date NOT NULL,            -- in UTC: the last one that was begun
    attempts      smallint NOT NULL,        -- of that day
    claimed_until timestamptz,              -- from then on it is anyone's again; null: done for the day
    PRIMARY KEY (ledger_id, party_id)
);

-- The addresses of calendars: one of a party at a time.
CREATE TABLE calendar_address (
    ledger_id  text COLLATE "C" NOT NULL,
    party_id   uuid NOT NULL,
    token      bytea NOT NULL,              -- SHA-256 of the random token
    created_at timestamptz NOT NULL,
    PRIMARY KEY (ledger_id, party_id)
);
CREATE UNIQUE INDEX calendar_address_token ON calendar_address (ledger_id, token);
