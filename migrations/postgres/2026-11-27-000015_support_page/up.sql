-- The name of the person whose client it is; NULL for a program.
ALTER TABLE clients ADD COLUMN person TEXT;

-- Sessions of the support page. A person's client has presented its secret once, and the page goes on with a token.
CREATE TABLE support_sessions (
    -- Of 256 random bits, so a fast hash will do.
    token_hash TEXT NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL
);

-- For the end of a client.
CREATE INDEX support_sessions_by_client ON support_sessions (client_id);
-- For the upkeep, which deletes the oldest.
CREATE INDEX support_sessions_by_start ON support_sessions (started_at);
