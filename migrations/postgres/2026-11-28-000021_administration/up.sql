-- The name under which administration knows the customer; NULL where none was given.
ALTER TABLE accounts ADD COLUMN display_name TEXT;
-- For administration, which finds accounts by their address.
CREATE INDEX accounts_by_email ON accounts (lower(email)) WHERE email IS NOT NULL;

-- Customer numbers whose account was erased lately, by a keyed hash: a number that is made again gets no activation mail for
-- a day (AD-05).
CREATE TABLE erased_numbers (
    number_key TEXT NOT NULL PRIMARY KEY,
    erased_at TIMESTAMP NOT NULL
);
-- For the upkeep, which deletes the oldest.
CREATE INDEX erased_numbers_by_time ON erased_numbers (erased_at);

-- Calls with an Idempotency-Key, and the answers that are repeated for it (AP-10).
CREATE TABLE idempotency_keys (
    -- A keyed hash of the client, the operation and the key.
    id TEXT NOT NULL PRIMARY KEY,
    -- A keyed hash of the body, by which a call with another one is known.
    fingerprint TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- Until when the call is taken to be in flight, while there is no answer.
    lease_until TIMESTAMP NOT NULL,
    -- The account that the answer is about: the row is deleted with it.
    account_id TEXT,
    -- The answer, sealed with this secret key; NULL while the call is in flight.
    secret_key_id TEXT,
    sealed_answer TEXT
);
CREATE INDEX idempotency_keys_by_account ON idempotency_keys (account_id) WHERE account_id IS NOT NULL;
-- For the upkeep, which deletes the oldest.
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);

-- For auditors, who read the whole trail a page at a time.
CREATE INDEX audit_events_by_time ON audit_events (occurred_at, id);

-- The trail stays append-only (LO-06), but for the erasure of a customer (DP-06): number, source and detail of an entry
-- become NULL, nothing else changes, and only once neither the account nor the number exists any more.
CREATE OR REPLACE FUNCTION refuse_to_change_the_trail() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    erased CONSTANT TEXT[] := ARRAY['customer_number', 'source', 'detail'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.customer_number IS NULL AND NEW.source IS NULL AND NEW.detail IS NULL
            AND to_jsonb(NEW) - erased = to_jsonb(OLD) - erased
            AND (OLD.account_id IS NOT NULL OR OLD.customer_number IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = OLD.account_id)
            AND NOT EXISTS (SELECT 1 FROM accounts WHERE customer_number = OLD.customer_number)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit_events is append-only';
END;
$$;
