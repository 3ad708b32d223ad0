-- For an owner who reads what happened to the access (OW-08), a page at a time.
CREATE INDEX CONCURRENTLY IF NOT EXISTS audit_events_by_account ON audit_events (account_id, occurred_at, id) WHERE account_id IS NOT NULL;
