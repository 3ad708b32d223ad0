-- Machine clients: programs of partners and support that authenticate by themselves (RFC 6749 §4.4).
CREATE TABLE clients (
    -- Its `client_id`, and the `sub` of its tokens.
    id TEXT NOT NULL PRIMARY KEY,
    -- For people.
    name TEXT NOT NULL,
    -- What its tokens may allow: separated by spaces, sorted.
    scopes TEXT NOT NULL,
    -- Of 256 random bits, so a fast hash will do. The secret was shown once.
    secret_hash TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    -- To the minute.
    last_used_at TIMESTAMP,
    revoked_at TIMESTAMP
);
