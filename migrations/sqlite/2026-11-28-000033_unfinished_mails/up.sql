-- For the upkeep, which deletes mails that were never handed over nor given up.
CREATE INDEX mails_unfinished ON mails (created_at) WHERE finished_at IS NULL;
