-- Sessions that are refreshed and end, devices that are remembered, passwords that expire.

-- Why the password must be changed before its time: 'administrative' or 'breached'.
ALTER TABLE accounts ADD COLUMN password_expired_because TEXT;
-- How many reminders of the present password's expiry were queued.
ALTER TABLE accounts ADD COLUMN expiry_reminders INTEGER NOT NULL DEFAULT 0;
CREATE INDEX accounts_by_password_changed_at ON accounts (password_changed_at);

-- What an account's owner had before: PHC strings, as many as the policy looks back.
CREATE TABLE password_history (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    password_hash TEXT NOT NULL,
    replaced_at TIMESTAMP NOT NULL
);
CREATE INDEX password_history_by_account ON password_history (account_id, replaced_at);

-- Devices that have signed in. The token is derived from the id; here is only its hash.
CREATE TABLE devices (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    secret_key_id TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    user_agent TEXT,
    source TEXT,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL
);
CREATE INDEX devices_by_account ON devices (account_id, last_used_at);
CREATE INDEX devices_by_last_use ON devices (last_used_at);

-- The device it was begun from; that may be forgotten before the session ends.
ALTER TABLE sessions ADD COLUMN device_id TEXT;
CREATE INDEX sessions_by_last_use ON sessions (last_used_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_beginning ON sessions (created_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- Every refresh token of the sessions that go on: the one that was not used yet, and those it followed,
-- by which a stolen one is noticed.
CREATE TABLE refresh_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    -- 1, 2, 3, …: which token directly precedes another does not depend on anybody's clock.
    generation INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE UNIQUE INDEX refresh_tokens_by_session ON refresh_tokens (session_id, generation);

-- Failed sign-ins, by what they are counted on: a submitted number, a known device, an account's devices.
CREATE TABLE sign_in_failures (
    subject TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_failed_at TIMESTAMP NOT NULL,
    -- Whether the trail tells already that attempts are being turned away since then.
    refusal_noted BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (last_failed_at);

-- The session a mail is about.
ALTER TABLE mails ADD COLUMN session_id TEXT;

-- A key is published before it signs.
ALTER TABLE signing_keys ADD COLUMN signs_from TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE signing_keys SET signs_from = created_at;

ALTER TABLE audit_events ADD COLUMN session_id TEXT;

-- TRUNCATE fires no trigger for rows (LO-06).
CREATE TRIGGER audit_events_never_truncate BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_trail();
