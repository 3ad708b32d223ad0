-- What became of every mail, and whom not to write to for a while.

ALTER TABLE accounts ADD COLUMN email_changed_at TIMESTAMP;

-- 'customer', or who asked in his place.
ALTER TABLE reset_requests ADD COLUMN actor TEXT NOT NULL DEFAULT 'customer';
CREATE INDEX reset_requests_by_age ON reset_requests (requested_at);

-- Requests that were swallowed: one row for each number, hour and reason, however many there were.
CREATE TABLE swallowed_requests (
    customer_number TEXT NOT NULL,
    hour TIMESTAMP NOT NULL,
    outcome TEXT NOT NULL,
    requests INTEGER NOT NULL,
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (customer_number, hour, outcome)
);
CREATE INDEX swallowed_requests_by_age ON swallowed_requests (hour);

ALTER TABLE reset_links ADD COLUMN first_looked_at TIMESTAMP;
CREATE INDEX reset_links_by_request ON reset_links (reset_request_id);

-- Which mail API has the mail, or may have it: no other one gets it any more.
ALTER TABLE mails ADD COLUMN provider TEXT;
ALTER TABLE mails ADD COLUMN last_tried_at TIMESTAMP;
ALTER TABLE mails ADD COLUMN next_try_at TIMESTAMP;
-- The furthest that the mail API has told of: 'deferred', 'delivered', 'bounced_soft', 'bounced_hard', 'complained'.
ALTER TABLE mails ADD COLUMN delivery TEXT;
ALTER TABLE mails ADD COLUMN delivery_at TIMESTAMP;
-- The receiving server's code, such as '550 5.1.1'.
ALTER TABLE mails ADD COLUMN smtp_code TEXT;
CREATE INDEX mails_by_provider_message_id ON mails (provider_message_id);
CREATE INDEX mails_by_link ON mails (reset_link_id);
CREATE INDEX mails_by_finish ON mails (finished_at);

-- The mail APIs' events that were taken, so that a repeated one counts once.
CREATE TABLE mail_events (
    provider TEXT NOT NULL,
    event_id TEXT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    PRIMARY KEY (provider, event_id)
);
CREATE INDEX mail_events_by_age ON mail_events (received_at);

-- Addresses that mail does not reach, or whose owners have complained.
CREATE TABLE suppressions (
    -- In the form in which addresses are compared.
    address TEXT NOT NULL,
    -- 'hard_bounce' or 'complaint'.
    reason TEXT NOT NULL,
    since TIMESTAMP NOT NULL,
    -- From then on one mail tries again; NULL: not by itself.
    retry_at TIMESTAMP,
    detail TEXT,
    PRIMARY KEY (address, reason)
);

-- What may be done only so often.
CREATE TABLE rate_limits (
    key TEXT NOT NULL PRIMARY KEY,
    -- When everything that was taken will have been given back.
    empty_at TIMESTAMP NOT NULL
);
CREATE INDEX rate_limits_by_end ON rate_limits (empty_at);

-- Smaller goes first.
ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
DROP INDEX jobs_by_run_at;
CREATE INDEX jobs_by_turn ON jobs (priority, run_at, id);
CREATE INDEX jobs_by_run_at ON jobs (run_at) WHERE lease_until IS NULL;
CREATE INDEX jobs_by_lease ON jobs (lease_until) WHERE lease_until IS NOT NULL;
