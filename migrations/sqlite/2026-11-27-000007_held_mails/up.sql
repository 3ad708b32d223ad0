-- When a mail last had to wait because no mail API worked. The last error used to tell it. An older version that runs
-- beside this one leaves the column alone; its attempts show in last_tried_at.
ALTER TABLE mails ADD COLUMN held_at TIMESTAMP;
UPDATE mails SET held_at = COALESCE(last_tried_at, created_at)
WHERE status = 'queued' AND last_error = 'no mail API works';
