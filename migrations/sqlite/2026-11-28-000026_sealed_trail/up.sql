-- The seal of the audit trail (LO-06). `docs/audit-trail.md` says what it covers and proves.

-- Entries that wait for their seal. Triggers fill the table, so that entries of the version before wait as well.
CREATE TABLE audit_unsealed (
    -- In the order in which transactions wrote, which is the order of the seals.
    seq INTEGER NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL,
    -- That of the entry, from which the age of the oldest is told.
    occurred_at TIMESTAMP NOT NULL
);

-- One row for each sealed entry.
CREATE TABLE audit_seals (
    -- The place in the trail, given after the commit of the entry. The first one is 1, and there are no gaps.
    position INTEGER NOT NULL PRIMARY KEY,
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
    number INTEGER NOT NULL PRIMARY KEY,
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

CREATE TRIGGER audit_events_wait_for_their_seal AFTER INSERT ON audit_events
BEGIN
    INSERT INTO audit_unsealed (event_id, occurred_at) VALUES (NEW.id, NEW.occurred_at);
END;

-- The one update that the trail allows empties an entry (`audit_events_never_update`).
CREATE TRIGGER audit_events_erased AFTER UPDATE ON audit_events
BEGIN
    INSERT OR IGNORE INTO audit_erasures (event_id) VALUES (NEW.id);
    UPDATE audit_seals SET salt = NULL WHERE event_id = NEW.id;
END;
CREATE TRIGGER audit_events_erased_by AFTER INSERT ON audit_events WHEN NEW.event = 'user_deleted'
BEGIN
    UPDATE audit_erasures SET erased_by = NEW.id
    WHERE erased_by IS NULL AND EXISTS (
        SELECT 1 FROM audit_events emptied
        WHERE emptied.id = audit_erasures.event_id
            AND (emptied.account_id IS NULL OR emptied.account_id = NEW.account_id)
    );
END;

-- Entries may be deleted once their batch is given up.
DROP TRIGGER audit_events_never_delete;
CREATE TRIGGER audit_events_never_delete BEFORE DELETE ON audit_events
WHEN NOT EXISTS (
    SELECT 1 FROM audit_seals WHERE event_id = OLD.id
        AND position <= (SELECT max(last_position) FROM audit_batches WHERE cut_by IS NOT NULL)
)
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only');
END;

CREATE TRIGGER audit_seals_never_update BEFORE UPDATE ON audit_seals
WHEN NOT (
    NEW.salt IS NULL
    AND NEW.position = OLD.position
    AND NEW.event_id = OLD.event_id
    AND NEW.commitment = OLD.commitment
    AND NEW.row_hash = OLD.row_hash
    AND EXISTS (SELECT 1 FROM audit_erasures WHERE event_id = OLD.event_id)
)
BEGIN
    SELECT RAISE(ABORT, 'audit_seals is append-only');
END;
CREATE TRIGGER audit_seals_never_delete BEFORE DELETE ON audit_seals
WHEN OLD.position > (SELECT coalesce(max(last_position), 0) FROM audit_batches WHERE cut_by IS NOT NULL)
BEGIN
    SELECT RAISE(ABORT, 'audit_seals is append-only');
END;

CREATE TRIGGER audit_batches_never_update BEFORE UPDATE ON audit_batches
WHEN NOT (
    NEW.number = OLD.number
    AND NEW.first_position = OLD.first_position
    AND NEW.last_position = OLD.last_position
    AND NEW.sealed_at = OLD.sealed_at
    AND NEW.previous_head IS OLD.previous_head
    AND NEW.previous_key_id IS OLD.previous_key_id
    AND NEW.head = OLD.head
    AND NEW.key_id = OLD.key_id
    AND NEW.public_key = OLD.public_key
    AND NEW.signature = OLD.signature
    AND (OLD.told_at IS NULL OR NEW.told_at IS OLD.told_at)
    AND (OLD.cut_by IS NULL OR NEW.cut_by IS OLD.cut_by)
)
BEGIN
    SELECT RAISE(ABORT, 'audit_batches is append-only');
END;
CREATE TRIGGER audit_batches_never_delete BEFORE DELETE ON audit_batches
BEGIN
    SELECT RAISE(ABORT, 'audit_batches is append-only');
END;

CREATE TRIGGER audit_erasures_never_update BEFORE UPDATE ON audit_erasures
WHEN NOT (NEW.event_id = OLD.event_id AND OLD.erased_by IS NULL)
BEGIN
    SELECT RAISE(ABORT, 'audit_erasures is append-only');
END;
-- The list of an erasure stays as long as the entry that tells of it.
CREATE TRIGGER audit_erasures_never_delete BEFORE DELETE ON audit_erasures
WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = OLD.erased_by)
BEGIN
    SELECT RAISE(ABORT, 'audit_erasures is append-only');
END;
