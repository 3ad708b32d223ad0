-- What happened, for the systems that keep in step with it: read at `GET /v1/events`, and sent to webhook endpoints.
CREATE TABLE events (
    -- In the order in which transactions wrote, not in that in which they committed.
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- 'evt_' and an opaque id.
    id TEXT NOT NULL UNIQUE,
    event_type TEXT NOT NULL,
    -- NULL for what is about no account.
    account_id TEXT,
    occurred_at TIMESTAMP NOT NULL,
    -- A JSON object with ids and reasons, with no address and no customer number.
    data TEXT NOT NULL,
    -- Written where a stranger named an unknown customer number, so that the same is done for every number (RQ-02). It
    -- never gets a position.
    decoy BOOLEAN NOT NULL,
    -- The place in the order that readers follow, without gaps. NULL until the event is published.
    position BIGINT UNIQUE
);
-- For the publication, which takes the oldest.
CREATE INDEX events_unpublished ON events (seq) WHERE position IS NULL;
-- For readers of a rare type, who begin with the oldest.
CREATE INDEX events_by_type ON events (event_type, position) WHERE position IS NOT NULL;
-- For the upkeep, which deletes the oldest.
CREATE INDEX events_by_time ON events (occurred_at);

-- The last position that an event was given. It outlives the events, so that no position is given twice. There is no row
-- before the first one.
CREATE TABLE event_positions (
    stream TEXT NOT NULL PRIMARY KEY,
    last_position BIGINT NOT NULL
);
