-- For the upkeep, which reviews the oldest.
CREATE INDEX CONCURRENTLY IF NOT EXISTS suppressions_by_review ON suppressions (reviewed_at);
