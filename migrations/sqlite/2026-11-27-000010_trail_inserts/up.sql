-- An insert that replaces a row deletes the old one without firing a trigger on deletion, so the insert itself is refused
-- (LO-06).
CREATE TRIGGER audit_events_never_replace BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id OR rowid = NEW.rowid)
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only');
END;
