-- Webhooks: who is told of a ledger's events. What has arrived is one position per endpoint: the log is the queue. Only
-- what failed, and what has to wait behind it, has rows of its own.

CREATE TABLE webhook (
    ledger_id     text COLLATE "C" NOT NULL,
    webhook_id    uuid NOT NULL,
    url           bytea NOT NULL,         -- under the master key, as the secrets: it may hold a token
    topics        text[],                 -- null: all
    payload       text COLLATE "C" NOT NULL, -- thin, full
    signing       text COLLATE "C" NOT NULL, -- hmac, ed25519
    secret        bytea NOT NULL,
    old_secret    bytea,                  -- signs too, until it ends
    old_ends_at   timestamptz,
    created_at    timestamptz NOT NULL,
    disabled_at   timestamptz,
    disabled_for  text COLLATE "C",       -- request, gone, failing
    position      bigint NOT NULL,        -- each event up to it has arrived, is not wanted, or is in webhook_delivery
    failures      integer NOT NULL DEFAULT 0, -- rounds since anything arrived
    failing_since timestamptz,
    next_at       timestamptz NOT NULL,   -- when the log is gone on with
    lease         uuid,                   -- of the process that delivers now
    leased_until  timestamptz,
    PRIMARY KEY (ledger_id, webhook_id)
) WITH (fillfactor = 50);

CREATE TABLE webhook_delivery (
    ledger_id     text COLLATE "C" NOT NULL,
    webhook_id    uuid NOT NULL,
    position      bigint NOT NULL,
    stream_id     uuid NOT NULL,
    tries         integer NOT NULL,
    first_at      timestamptz,            -- of the first try; null: none yet
    next_at       timestamptz,            -- null: waits for an earlier event of its stream, or is dead
    dead_at       timestamptz,            -- given up
    PRIMARY KEY (ledger_id, webhook_id, position)
);
CREATE INDEX webhook_delivery_stream ON webhook_delivery (ledger_id, webhook_id, stream_id, position)
    WHERE dead_at IS NULL;

CREATE TABLE webhook_replay (
    ledger_id     text COLLATE "C" NOT NULL,
    webhook_id    uuid NOT NULL,
    replay_id     uuid NOT NULL,
    position      bigint NOT NULL,        -- up to where it has come
    until         bigint NOT NULL,        -- the last position that it is to tell
    PRIMARY KEY (ledger_id, webhook_id, replay_id)
);

-- What was tried, kept for some weeks.
CREATE TABLE webhook_attempt (
    ledger_id     text COLLATE "C" NOT NULL,
    webhook_id    uuid NOT NULL,
    position      bigint NOT NULL,
    attempted_at  timestamptz NOT NULL,
    status        smallint,               -- of the answer; null: there was none
    error         text COLLATE "C",       -- one of our codes
    latency_ms    integer NOT NULL,
    PRIMARY KEY (ledger_id, webhook_id, position, attempted_at)
);
CREATE INDEX webhook_attempt_age ON webhook_attempt (ledger_id, webhook_id, attempted_at);
