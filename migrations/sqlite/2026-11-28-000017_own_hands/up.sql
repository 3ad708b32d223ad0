-- When the owner last said that the address on file still holds.
ALTER TABLE accounts ADD COLUMN email_confirmed_at TIMESTAMP;
-- Until when no reset link goes to the address on file, where that is longer than after other changes of an address.
ALTER TABLE accounts ADD COLUMN email_cools_off_until TIMESTAMP;
-- When password_expired_because was set.
ALTER TABLE accounts ADD COLUMN password_expired_at TIMESTAMP;
-- Since when support has to decide which address is the owner's; NULL while nobody contests it.
ALTER TABLE accounts ADD COLUMN contested_since TIMESTAMP;

-- Changes of the address on file that owners have asked for. Both tokens are derived from the id; here are their hashes.
CREATE TABLE email_changes (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    -- The change ends with this session, and with this epoch of the account.
    session_id TEXT NOT NULL,
    session_epoch INTEGER NOT NULL,
    old_email TEXT,
    new_email TEXT NOT NULL,
    secret_key_id TEXT NOT NULL,
    confirm_token_hash TEXT NOT NULL UNIQUE,
    withdraw_token_hash TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    -- 'confirmed', 'withdrawn' or 'decided'.
    ended_because TEXT,
    mismatch_count INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX email_changes_by_account ON email_changes (account_id, created_at);
-- For the upkeep, which deletes the oldest.
CREATE INDEX email_changes_by_age ON email_changes (created_at);

-- The links in notices with which an owner locks the access down. The token is derived from the id of the notice.
CREATE TABLE lock_down_links (
    mail_id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    -- The address that the notice goes to, in its canonical form.
    mailbox TEXT NOT NULL,
    secret_key_id TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    -- 'used' or 'withdrawn'.
    ended_because TEXT
);
CREATE INDEX lock_down_links_by_account ON lock_down_links (account_id, created_at);
CREATE INDEX lock_down_links_by_expiry ON lock_down_links (expires_at);

-- The change of the address that a mail is about.
ALTER TABLE mails ADD COLUMN email_change_id TEXT;

-- What a reset follows where nobody has asked for it with the number alone: 'lock_down'.
ALTER TABLE reset_requests ADD COLUMN cause TEXT;
