-- Rebuilt: numbers are what one statement can compare, add to and write back.
DROP TABLE rate_limits;
CREATE TABLE rate_limits (
    key TEXT NOT NULL PRIMARY KEY,
    -- When everything that was taken will have been given back: microseconds since 1970.
    empty_at BIGINT NOT NULL
);
CREATE INDEX rate_limits_by_end ON rate_limits (empty_at);

-- Which customer numbers a source has tried of late.
CREATE TABLE tried_numbers (
    -- What is limited, and a keyed hash of whose it is.
    key TEXT NOT NULL,
    customer_number TEXT NOT NULL,
    tried_at TIMESTAMP NOT NULL,
    PRIMARY KEY (key, customer_number)
);
CREATE INDEX tried_numbers_by_age ON tried_numbers (tried_at);

-- Proofs of work that were accepted, until they expire: each serves once.
CREATE TABLE spent_proofs (
    id TEXT NOT NULL PRIMARY KEY,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX spent_proofs_by_end ON spent_proofs (expires_at);

-- What each instance sees of an attack on many numbers, for the others.
CREATE TABLE pressure_reports (
    instance TEXT NOT NULL PRIMARY KEY,
    reported_at TIMESTAMP NOT NULL,
    -- Distinct numbers in the last minutes.
    failing INTEGER NOT NULL,
    succeeding INTEGER NOT NULL,
    asking INTEGER NOT NULL,
    level INTEGER NOT NULL,
    level_until TIMESTAMP NOT NULL
);

-- A link whose mail exhausted a budget lives until the budget frees again.
ALTER TABLE reset_links ADD COLUMN lives_until TIMESTAMP;
CREATE INDEX mails_by_recipient ON mails (recipient, created_at);

-- What a flood of requests leaves behind is forgotten early.
CREATE INDEX mails_decoys_by_finish ON mails (finished_at) WHERE status = 'decoy';
-- A dead link's hash gives way to its id.
CREATE INDEX reset_links_with_token ON reset_links (expires_at) WHERE token_hash <> id;
