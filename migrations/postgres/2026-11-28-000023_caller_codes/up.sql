-- The codes by which support learns who is calling. A code is derived from its id, so no column holds it.
CREATE TABLE caller_codes (
    id TEXT NOT NULL PRIMARY KEY,
    -- The machine client that asks. No other one can check the code.
    client_id TEXT NOT NULL,
    -- As the client gave it, whether or not it has an account.
    customer_number TEXT NOT NULL,
    -- NULL for a decoy, which nobody gets and no code is right for.
    account_id TEXT,
    -- 'page' or 'mail'.
    deliver_to TEXT NOT NULL,
    secret_key_id TEXT NOT NULL,
    -- The mail that carries the code.
    mail_id TEXT,
    -- The limit that has swallowed the question: 'number' or 'client'.
    swallowed_by TEXT,
    -- The codes that were tried.
    tries INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    -- When the customer first saw the code on the account page.
    shown_at TIMESTAMP,
    ended_at TIMESTAMP,
    -- 'verified', 'replaced' or 'withdrawn'.
    ended_because TEXT
);
CREATE INDEX caller_codes_by_number ON caller_codes (customer_number, created_at);
CREATE INDEX caller_codes_by_client ON caller_codes (client_id, created_at);
CREATE INDEX caller_codes_by_account ON caller_codes (account_id, created_at);
CREATE INDEX caller_codes_by_mail ON caller_codes (mail_id);
-- For the upkeep, which deletes the oldest.
CREATE INDEX caller_codes_by_expiry ON caller_codes (expires_at);
