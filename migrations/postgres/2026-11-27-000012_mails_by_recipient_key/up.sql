CREATE INDEX CONCURRENTLY IF NOT EXISTS mails_by_recipient_key ON mails (recipient_key, created_at);
