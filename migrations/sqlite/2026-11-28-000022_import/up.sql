-- What a wrong password for the account costs besides one argon2, however its hash is stored by now (PW-13); NULL where the
-- stored hash alone tells.
ALTER TABLE accounts ADD COLUMN lasting_cost TEXT;
-- A keyed hash of the address in the last row of a feed, by which a feed that goes on saying the same is known (AD-05);
-- NULL where no feed has named an address.
ALTER TABLE accounts ADD COLUMN feed_email_hash TEXT;

-- Accounts with a fast hash of another system, which argon2id is to protect within seven days (PW-11).
CREATE TABLE hashes_to_wrap (
    account_id TEXT NOT NULL PRIMARY KEY,
    imported_at TIMESTAMP NOT NULL
);
-- For the upkeep, which takes the oldest first.
CREATE INDEX hashes_to_wrap_by_time ON hashes_to_wrap (imported_at);

-- Imports, so that one that was killed goes on behind its last committed row.
CREATE TABLE imports (
    id TEXT NOT NULL PRIMARY KEY,
    -- A keyed hash of the file and of what decides how its rows are read.
    source_hash TEXT NOT NULL,
    actor TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    -- When rows were last committed.
    updated_at TIMESTAMP NOT NULL,
    -- NULL while rows are left.
    finished_at TIMESTAMP,
    -- The rows of the file that were dealt with, from its beginning.
    rows_done BIGINT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    rejected BIGINT NOT NULL
);
CREATE INDEX imports_by_source ON imports (source_hash);
-- For the upkeep, which deletes the oldest, and for the counts of costs, which follow the newest.
CREATE INDEX imports_by_time ON imports (updated_at);
