-- An account's sessions that go on, the one used last first. In just this order, or PostgreSQL, before it has counted the
-- rows of a young table, reads through everybody's sessions by their last use. It is built beside the service: a later
-- migration drops sessions_by_account, in whose place it comes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS sessions_live_by_account
ON sessions (account_id, last_used_at DESC, id) WHERE ended_at IS NULL;
