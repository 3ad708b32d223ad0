-- For the upkeep, which reviews the oldest.
CREATE INDEX suppressions_by_review ON suppressions (reviewed_at);
