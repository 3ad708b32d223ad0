-- A lost answer to a refresh can be fetched again (JW-09).

-- The random id and the secret key that the token is derived from, so that it can be handed out a second time; NULL for a
-- random token of the release before.
ALTER TABLE refresh_tokens ADD COLUMN token_id TEXT;
ALTER TABLE refresh_tokens ADD COLUMN secret_key_id TEXT;
-- The User-Agent of the call that exchanged the token, empty where it had none; NULL while the token is unused, and where it
-- was not exchanged: a new password ends a token too.
ALTER TABLE refresh_tokens ADD COLUMN used_by TEXT;
-- The network of that call, /24 or /48.
ALTER TABLE refresh_tokens ADD COLUMN used_from TEXT;
-- How often the successor was handed out again, when last, and whether ever to another network.
ALTER TABLE refresh_tokens ADD COLUMN reissues INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refresh_tokens ADD COLUMN reissued_at TIMESTAMP;
ALTER TABLE refresh_tokens ADD COLUMN reissued_elsewhere BOOLEAN NOT NULL DEFAULT FALSE;

-- Why a mail came back, in the words of BounceCause; NULL where it did not, and for a mail of the release before (WH-04).
ALTER TABLE mails ADD COLUMN bounce_cause TEXT;
