-- The read models. What people typed is not in here: it stays sealed in the events, found by stream and version.

CREATE TABLE balance (
    ledger_id      text COLLATE "C" NOT NULL,
    giver          uuid NOT NULL,
    receiver       uuid NOT NULL,
    unit           text COLLATE "C" NOT NULL,
    kind           text COLLATE "C" NOT NULL,     -- favour, introduction, promise
    quantity       bigint NOT NULL,
    count          bigint NOT NULL,
    disputed       bigint NOT NULL,
    disputed_count bigint NOT NULL,
    last_at        timestamptz NOT NULL,          -- when the giver last gave, retracted or not
    PRIMARY KEY (ledger_id, giver, receiver, unit, kind)
) WITH (fillfactor = 55);
CREATE INDEX balance_received ON balance (ledger_id, receiver, giver);

CREATE TABLE promise (
    ledger_id      text COLLATE "C" NOT NULL,
    promise_id     uuid NOT NULL,
    position       bigint NOT NULL,               -- of the event that led here
    occurred_at    timestamptz NOT NULL,          -- of that event
    promisor       uuid NOT NULL,
    promisee       uuid NOT NULL,
    assessor       uuid,
    status         text COLLATE "C" NOT NULL,
    retracted      boolean NOT NULL,
    started        boolean NOT NULL,
    behind         boolean NOT NULL,
    unit           text COLLATE "C" NOT NULL,
    quantity       bigint NOT NULL,
    fraction       double precision,              -- of what was promised, where partly kept
    topic          text COLLATE "C",              -- what it is about, where it was said
    begun_at       timestamptz NOT NULL,          -- asked for, offered or made
    made_at        timestamptz,                   -- a promise since then
    due            timestamptz,
    date_asked_at  timestamptz,                   -- the promisee asked by when, and was not answered so far
    delivered_at   timestamptz,
    ended_at       timestamptz,
    declined       text COLLATE "C",              -- why
    terms_changed  smallint NOT NULL,             -- how often
    terms_from     uuid,                          -- who proposed the new terms that wait for an answer
    newcomer       uuid,                          -- whom the handover that waits for an answer is for
    delegated_from uuid,                          -- the promisor before this one
    assigned_from  uuid,                          -- the promisee before this one
    disputed_by    uuid,                          -- who raised the dispute it is in
    worded_in      bigint NOT NULL,               -- version of the event that holds its words
    PRIMARY KEY (ledger_id, promise_id)
) WITH (fillfactor = 70);
CREATE INDEX promise_promisor ON promise (ledger_id, promisor, promise_id);
CREATE INDEX promise_promisee ON promise (ledger_id, promisee, promise_id);
CREATE INDEX promise_newcomer ON promise (ledger_id, newcomer) WHERE newcomer IS NOT NULL;

-- One row per transition: how a promise stood from there on. Any moment of either clock is one query.
CREATE TABLE promise_transition (LIKE promise);
ALTER TABLE promise_transition ADD PRIMARY KEY (ledger_id, promise_id, position);
CREATE INDEX promise_transition_promisor ON promise_transition (ledger_id, promisor, promise_id, position);
CREATE INDEX promise_transition_promisee ON promise_transition (ledger_id, promisee, promise_id, position);
CREATE INDEX promise_transition_newcomer ON promise_transition (ledger_id, newcomer) WHERE newcomer IS NOT NULL;

CREATE TABLE party (
    ledger_id     text COLLATE "C" NOT NULL,
    party_id      uuid NOT NULL,
    kind          text COLLATE "C" NOT NULL,
    registered_at timestamptz NOT NULL,
    position      bigint NOT NULL,                -- of the last event about it
    named_in      bigint NOT NULL,                -- version of the event that holds its name
    interests_in  bigint,                         -- version of the event that lists its interests
    knowledge_in  bigint,                         -- version of the event that lists what it knows about
    findable      boolean NOT NULL,               -- agreed to be found as someone who introduces others
    reminded_in   bigint,                         -- version of the event that says where it is reminded by mail
    PRIMARY KEY (ledger_id, party_id)
);
CREATE INDEX party_knowledge ON party (ledger_id, party_id) WHERE knowledge_in IS NOT NULL;
CREATE INDEX party_reminded ON party (ledger_id, party_id) WHERE reminded_in IS NOT NULL;

-- One row per merge and per taking back: what the party was merged into from there on.
CREATE TABLE party_alias (
    ledger_id     text COLLATE "C" NOT NULL,
    party_id      uuid NOT NULL,
    position      bigint NOT NULL,
    occurred_at   timestamptz NOT NULL,
    into_id       uuid,                           -- null: its merge was taken back
    PRIMARY KEY (ledger_id, party_id, position)
);

-- The party that stands for one: its root where it is among the merged ones, which come in order, else itself. No table
-- is read, so it is the same wherever a statement runs.
CREATE FUNCTION root_of(party uuid, merged uuid[], roots uuid[]) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN merged[width_bucket(party, merged)] = party THEN roots[width_bucket(party, merged)]
        ELSE party
    END
$$;

-- All ids of a party, its root's first.
CREATE FUNCTION ids_of(party uuid, merged uuid[], roots uuid[]) RETURNS uuid[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT root_of(party, merged, roots) || ARRAY(
        SELECT u.id FROM unnest(merged, roots) AS u (id, root) WHERE u.root = root_of(party, merged, roots)
    )
$$;

-- One row per joining and leaving.
CREATE TABLE membership (
    ledger_id       text COLLATE "C" NOT NULL,
    party_id        uuid NOT NULL,
    organisation_id uuid NOT NULL,
    position        bigint NOT NULL,
    occurred_at     timestamptz NOT NULL,
    member          boolean NOT NULL,
    PRIMARY KEY (ledger_id, party_id, organisation_id, position)
);
CREATE INDEX membership_organisation ON membership (ledger_id, organisation_id, party_id, position);

CREATE TABLE introduction (
    ledger_id       text COLLATE "C" NOT NULL,
    introduction_id uuid NOT NULL,
    position        bigint NOT NULL,              -- of the event that led here
    occurred_at     timestamptz NOT NULL,         -- of that event
    introducer      uuid NOT NULL,
    first           uuid NOT NULL,
    second          uuid NOT NULL,
    status          text COLLATE "C" NOT NULL,    -- declined only once both have answered; who said no is in no table
    answered        integer NOT NULL,
    met             boolean NOT NULL,             -- either of the two said so; the same below
    useful          boolean NOT NULL,
    led_to          boolean NOT NULL,
    came_to_nothing boolean NOT NULL,
    grown           bigint NOT NULL,              -- favours and promises named that grew from it
    PRIMARY KEY (ledger_id, introduction_id)
) WITH (fillfactor = 70);
CREATE INDEX introduction_introducer ON introduction (ledger_id, introducer, introduction_id);
CREATE INDEX introduction_first ON introduction (ledger_id, first, introduction_id);
CREATE INDEX introduction_second ON introduction (ledger_id, second, introduction_id);

CREATE TABLE introduction_transition (LIKE introduction);
ALTER TABLE introduction_transition ADD PRIMARY KEY (ledger_id, introduction_id, position);
CREATE INDEX introduction_transition_introducer
    ON introduction_transition (ledger_id, introducer, introduction_id, position);

-- How close a party says that another is to it, from a position on.
CREATE TABLE tie (
    ledger_id   text COLLATE "C" NOT NULL,
    party       uuid NOT NULL,
    other       uuid NOT NULL,
    position    bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    closeness   text COLLATE "C",                 -- null from where it was taken back
    PRIMARY KEY (ledger_id, party, other, position)
);

-- The gift register. What a gift counts now is the sum of its favour's postings.
CREATE TABLE gift (
    ledger_id       text COLLATE "C" NOT NULL,
    favour_id       uuid NOT NULL,
    position        bigint NOT NULL,              -- of the event that recorded it
    giver           uuid NOT NULL,
    receiver        uuid NOT NULL,
    refused         boolean NOT NULL,
    unit            text COLLATE "C",             -- null where it was refused: it is in no balance
    occurred_at     timestamptz NOT NULL,
    over_limit      boolean NOT NULL,             -- worth more than the policy's limit then for one gift
    over_year_limit boolean NOT NULL,             -- with those of the 12 months around it
    PRIMARY KEY (ledger_id, favour_id)
);
CREATE INDEX gift_position ON gift (ledger_id, position);
CREATE INDEX gift_giver ON gift (ledger_id, giver, receiver);
CREATE INDEX gift_receiver ON gift (ledger_id, receiver);
