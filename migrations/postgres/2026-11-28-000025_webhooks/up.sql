-- Where machine clients have events sent to.
CREATE TABLE webhook_endpoints (
    id TEXT NOT NULL PRIMARY KEY,
    -- The machine client that the endpoint belongs to. No other one sees it.
    client_id TEXT NOT NULL,
    url TEXT NOT NULL,
    -- The types of events that are sent, separated by spaces; empty for every type.
    types TEXT NOT NULL,
    description TEXT,
    -- 'pending', 'active' or 'disabled'.
    state TEXT NOT NULL,
    -- 'gone' or 'failing', while the state is 'disabled'.
    disabled_reason TEXT,
    -- 'v1' or 'v1a'.
    signature TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- Since when every attempt has failed; NULL after one that has not.
    failing_since TIMESTAMP,
    -- The attempts that have failed one after the other.
    failures INTEGER NOT NULL DEFAULT 0,
    -- Nothing is sent before this time.
    paused_until TIMESTAMP,
    -- One worker delivers to the endpoint until this time.
    lease_until TIMESTAMP,
    -- The span of events that is sent again; NULL while none is.
    replay_from TIMESTAMP,
    replay_to TIMESTAMP,
    -- The one type that is sent again; NULL for those of the endpoint.
    replay_type TEXT,
    -- The position of the last event that the replay has queued.
    replay_position BIGINT
);
CREATE INDEX webhook_endpoints_by_client ON webhook_endpoints (client_id);

-- What an endpoint's events are signed with: one live key, and the one before it for a while.
CREATE TABLE webhook_keys (
    id TEXT NOT NULL PRIMARY KEY,
    endpoint_id TEXT NOT NULL,
    -- The secret key that both columns below are sealed with.
    secret_key_id TEXT NOT NULL,
    sealed_secret TEXT NOT NULL,
    -- The private half of a key pair, for the signature 'v1a' alone.
    sealed_key_pair TEXT,
    -- The public half, as the member x of a JWK has it.
    public_key TEXT,
    created_at TIMESTAMP NOT NULL,
    -- When the key ends, once another has replaced it.
    expires_at TIMESTAMP
);
CREATE INDEX webhook_keys_by_endpoint ON webhook_keys (endpoint_id, created_at);
-- For the upkeep, which deletes the oldest.
CREATE INDEX webhook_keys_by_expiry ON webhook_keys (expires_at) WHERE expires_at IS NOT NULL;

-- What waits to be sent. A row goes once its event is delivered, or after three days.
CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    endpoint_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    -- 'event', 'replay' or 'test'.
    cause TEXT NOT NULL,
    -- The body of a test event, which is in no other table.
    body TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL,
    next_try_at TIMESTAMP NOT NULL
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_try_at);
-- For the upkeep, which deletes the oldest.
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (created_at);

-- The log of attempts, which the owner of the endpoint reads.
CREATE TABLE webhook_attempts (
    id TEXT NOT NULL PRIMARY KEY,
    endpoint_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    -- The number of the attempt: 1 for the first one.
    attempt INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    -- The status of the answer; NULL where there was none.
    status INTEGER,
    -- NULL where it would tell about addresses that are not allowed.
    duration_ms INTEGER,
    attempted_at TIMESTAMP NOT NULL
);
CREATE INDEX webhook_attempts_by_endpoint ON webhook_attempts (endpoint_id, attempted_at, id);
-- For the upkeep, which deletes the oldest.
CREATE INDEX webhook_attempts_by_time ON webhook_attempts (attempted_at);
