-- All sessions of an account, those that have ended among them: for its export, its erasure, and the check of the foreign
-- key when the account is deleted. Each of them read the whole table.
CREATE INDEX CONCURRENTLY IF NOT EXISTS sessions_all_by_account ON sessions (account_id);
