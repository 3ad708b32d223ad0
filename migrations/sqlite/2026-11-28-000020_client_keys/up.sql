-- The secret before the present one, which stays live while the programs of a client change over (AD-08). `secret_hash`
-- is the present one, and empty where the client has none: no secret has that hash.
ALTER TABLE clients ADD COLUMN previous_secret_hash TEXT;
-- When the present secret was made; NULL for one as old as the client.
ALTER TABLE clients ADD COLUMN secret_created_at TIMESTAMP;
-- The public keys of the client as a JWK set (RFC 7517), which verify its assertions; NULL where it has none.
ALTER TABLE clients ADD COLUMN jwks TEXT;

-- Assertions of clients that were accepted, until they expire: each serves once (RFC 7523 §3).
CREATE TABLE spent_assertions (
    -- A hash of the client and the `jti`, which is of any length.
    id TEXT NOT NULL PRIMARY KEY,
    expires_at TIMESTAMP NOT NULL
);
-- For the upkeep, which deletes the oldest.
CREATE INDEX spent_assertions_by_end ON spent_assertions (expires_at);

-- Access tokens of machine clients that their clients have revoked (RFC 7009), until they expire.
CREATE TABLE revoked_tokens (
    jti TEXT NOT NULL PRIMARY KEY,
    expires_at TIMESTAMP NOT NULL
);
-- For the upkeep, which deletes the oldest.
CREATE INDEX revoked_tokens_by_end ON revoked_tokens (expires_at);
