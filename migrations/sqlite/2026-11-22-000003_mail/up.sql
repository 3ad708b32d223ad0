ALTER TABLE accounts ADD COLUMN email_changed_at TIMESTAMP;
