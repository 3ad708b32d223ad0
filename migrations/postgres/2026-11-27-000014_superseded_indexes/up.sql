-- The sixth migration has built another one in its place. Dropping it takes no time, and waits for no long query.
DROP INDEX IF EXISTS sessions_by_account;
