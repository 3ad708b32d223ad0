-- The seal of the audit trail (LO-06). `docs/audit-trail.md` says what it covers and proves.

-- Entries that wait for their seal. Triggers fill the table, so that entries of the version before wait as well.
CREATE TABLE audit_unsealed (
    -- In the order in which transactions wrote, which is the order of the seals.
    seq BIGSERIAL PRIMARY KEY,
    event_id TEXT NOT NULL,
    -- That of the entry, from which the age of the oldest is told.
    occurred_at TIMESTAMP NOT NULL
);

-- One row for each sealed entry.
CREATE TABLE audit_seals (
    -- The place in the trail, given after the commit of the entry. The first one is 1, and there are no gaps.
    position BIGINT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    -- 16 random bytes in hexadecimal digits. NULL once the entry is erased: then nobody can guess at what it held.
    salt TEXT,
    -- The salted hash of number, source and detail, which an erasure empties.
    commitment TEXT NOT NULL,
    -- The hash of the entry with its position and its commitment.
    row_hash TEXT NOT NULL
);

-- One row for each batch of seals. It outlives its entries.
CREATE TABLE audit_batches (
    number BIGINT NOT NULL PRIMARY KEY,
    first_position BIGINT NOT NULL,
    last_position BIGINT NOT NULL,
    sealed_at TIMESTAMP NOT NULL,
    -- The head of the batch before. NULL for the first one.
    previous_head TEXT,
    -- The key of the batch before, whose signature was checked. NULL for the first batch, and where the check failed.
    previous_key_id TEXT,
    -- The hash over this row and the hashes of its entries.
    head TEXT NOT NULL,
    key_id TEXT NOT NULL,
    public_key TEXT NOT NULL,
    signature TEXT NOT NULL,
    -- When other systems were told the head by an event. NULL where they were not.
    told_at TIMESTAMP,
    -- The entry of the trail that says that the entries of the batch were deleted after their time. NULL while they are kept.
    cut_by TEXT
);
-- For the next event, which comes some time after the last one.
CREATE INDEX audit_batches_told ON audit_batches (number) WHERE told_at IS NOT NULL;
-- For the upkeep, which deletes the entries of the oldest.
CREATE INDEX audit_batches_kept ON audit_batches (sealed_at) WHERE cut_by IS NULL;
CREATE INDEX audit_batches_cut ON audit_batches (last_position) WHERE cut_by IS NOT NULL;

-- Entries that an erasure has emptied.
CREATE TABLE audit_erasures (
    event_id TEXT NOT NULL PRIMARY KEY,
    -- The entry that tells of the erasure. NULL until it is appended, in the same transaction.
    erased_by TEXT
);
CREATE INDEX audit_erasures_by_entry ON audit_erasures (erased_by);

CREATE FUNCTION let_entry_wait_for_its_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unsealed (event_id, occurred_at) VALUES (NEW.id, NEW.occurred_at);
    RETURN NULL;
END;
$$;
CREATE TRIGGER audit_events_wait_for_their_seal AFTER INSERT ON audit_events
    FOR EACH ROW EXECUTE FUNCTION let_entry_wait_for_its_seal();

-- The one update that the trail allows empties an entry (`refuse_to_change_the_trail`).
CREATE FUNCTION note_erased_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_erasures (event_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    UPDATE audit_seals SET salt = NULL WHERE event_id = NEW.id;
    RETURN NULL;
END;
$$;
CREATE TRIGGER audit_events_erased AFTER UPDATE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION note_erased_entry();

CREATE FUNCTION note_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE audit_erasures SET erased_by = NEW.id
    WHERE erased_by IS NULL AND EXISTS (
        SELECT 1 FROM audit_events emptied
        WHERE emptied.id = audit_erasures.event_id
            AND (emptied.account_id IS NULL OR emptied.account_id = NEW.account_id)
    );
    RETURN NULL;
END;
$$;
CREATE TRIGGER audit_events_erased_by AFTER INSERT ON audit_events
    FOR EACH ROW WHEN (NEW.event = 'user_deleted') EXECUTE FUNCTION note_erasure();

-- Entries may be deleted once their batch is given up. An erasure waits for the transaction that seals, and that one for
-- erasures, so that no seal keeps the salt of an entry that was emptied meanwhile; `lock_key` takes the same lock. Erasures
-- do not wait for each other.
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
            PERFORM pg_advisory_xact_lock_shared(hashtext('audit_events'), hashtext('seal'));
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF EXISTS (
            SELECT 1 FROM audit_seals WHERE event_id = OLD.id
                AND position <= (SELECT max(last_position) FROM audit_batches WHERE cut_by IS NOT NULL)
        ) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit_events is append-only';
END;
$$;

CREATE FUNCTION refuse_to_change_seals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.salt IS NULL AND to_jsonb(NEW) - 'salt' = to_jsonb(OLD) - 'salt'
            AND EXISTS (SELECT 1 FROM audit_erasures WHERE event_id = OLD.event_id)
        THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.position <= (SELECT max(last_position) FROM audit_batches WHERE cut_by IS NOT NULL) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit_seals is append-only';
END;
$$;
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE ON audit_seals
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_seals();
CREATE TRIGGER audit_seals_never_truncate BEFORE TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_seals();

CREATE FUNCTION refuse_to_change_batches() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    later CONSTANT TEXT[] := ARRAY['told_at', 'cut_by'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - later = to_jsonb(OLD) - later
            AND (OLD.told_at IS NULL OR NEW.told_at IS NOT DISTINCT FROM OLD.told_at)
            AND (OLD.cut_by IS NULL OR NEW.cut_by IS NOT DISTINCT FROM OLD.cut_by)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit_batches is append-only';
END;
$$;
CREATE TRIGGER audit_batches_append_only BEFORE UPDATE OR DELETE ON audit_batches
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_batches();
CREATE TRIGGER audit_batches_never_truncate BEFORE TRUNCATE ON audit_batches
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_batches();

CREATE FUNCTION refuse_to_change_erasures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.event_id = OLD.event_id AND OLD.erased_by IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        -- The list of an erasure stays as long as the entry that tells of it.
        IF NOT EXISTS (SELECT 1 FROM audit_events WHERE id = OLD.erased_by) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit_erasures is append-only';
END;
$$;
CREATE TRIGGER audit_erasures_append_only BEFORE UPDATE OR DELETE ON audit_erasures
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_erasures();
CREATE TRIGGER audit_erasures_never_truncate BEFORE TRUNCATE ON audit_erasures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_erasures();
