-- All times are UTC without a zone; all ids are opaque text.

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    customer_number TEXT NOT NULL UNIQUE,
    email TEXT,
    locale TEXT NOT NULL,
    password_hash TEXT,
    -- What the hash costs to verify, as at its head: an unknown number has to cost the same.
    password_cost TEXT,
    password_changed_at TIMESTAMP,
    -- Raised whenever every session has to end at once; access tokens carry it.
    session_epoch INTEGER NOT NULL DEFAULT 0,
    last_sign_in_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    closed_reason TEXT,
    closed_by TEXT
);
CREATE INDEX accounts_by_password_cost ON accounts (password_cost);

CREATE TABLE reset_requests (
    id TEXT NOT NULL PRIMARY KEY,
    -- As submitted: the row exists whether or not such an account does.
    customer_number TEXT NOT NULL,
    requested_at TIMESTAMP NOT NULL,
    request_id TEXT NOT NULL,
    source TEXT,
    outcome TEXT
);
CREATE INDEX reset_requests_by_number ON reset_requests (customer_number, requested_at);

CREATE TABLE reset_links (
    id TEXT NOT NULL PRIMARY KEY,
    reset_request_id TEXT NOT NULL REFERENCES reset_requests (id),
    customer_number TEXT NOT NULL,
    -- NULL: a decoy, made so that a request for an unknown number costs the same. Its token never leaves.
    account_id TEXT REFERENCES accounts (id),
    secret_key_id TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    -- NULL until the first attempt to hand the mail over: the life begins there.
    expires_at TIMESTAMP,
    mail_finished_at TIMESTAMP,
    ended_at TIMESTAMP,
    ended_because TEXT,
    mismatch_count INTEGER NOT NULL DEFAULT 0,
    account_rule_count INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX reset_links_by_number ON reset_links (customer_number, created_at);
CREATE INDEX reset_links_by_account ON reset_links (account_id);

CREATE TABLE mails (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    account_id TEXT REFERENCES accounts (id),
    reset_link_id TEXT REFERENCES reset_links (id),
    -- NULL: a decoy.
    recipient TEXT,
    last_two_digits TEXT NOT NULL,
    locale TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL,
    serve_until TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    provider_message_id TEXT
);
CREATE INDEX mails_by_account ON mails (account_id, created_at);

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    payload TEXT NOT NULL,
    run_at TIMESTAMP NOT NULL,
    lease_until TIMESTAMP,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX jobs_by_run_at ON jobs (run_at);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    session_epoch INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    user_agent TEXT,
    source TEXT,
    ended_at TIMESTAMP,
    ended_because TEXT
);
CREATE INDEX sessions_by_account ON sessions (account_id, created_at);

CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    -- 1, 2, 3, …: unique, so that of two instances making the next key at once only one succeeds.
    generation INTEGER NOT NULL UNIQUE,
    algorithm TEXT NOT NULL,
    secret_key_id TEXT NOT NULL,
    sealed_private_key TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE audit_events (
    id TEXT NOT NULL PRIMARY KEY,
    occurred_at TIMESTAMP NOT NULL,
    event TEXT NOT NULL,
    actor TEXT NOT NULL,
    customer_number TEXT,
    account_id TEXT,
    reset_request_id TEXT,
    source TEXT,
    request_id TEXT,
    detail TEXT
);
CREATE INDEX audit_events_by_number ON audit_events (customer_number, occurred_at);

-- The trail is append-only (LO-06).
CREATE TRIGGER audit_events_never_update BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only');
END;
CREATE TRIGGER audit_events_never_delete BEFORE DELETE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only');
END;
