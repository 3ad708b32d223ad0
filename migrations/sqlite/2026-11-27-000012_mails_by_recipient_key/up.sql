CREATE INDEX mails_by_recipient_key ON mails (recipient_key, created_at);
