-- The recipient in the form in which addresses are compared: in lower case. The recipient itself stays as it was entered.
-- An older version that runs beside this one leaves the column alone, and the mails it queues then count for no address.
ALTER TABLE mails ADD COLUMN recipient_key TEXT;
UPDATE mails SET recipient_key = lower(recipient) WHERE recipient IS NOT NULL;

-- Rows that only capitals tell apart become one: the youngest of them.
DELETE FROM suppressions WHERE EXISTS (
    SELECT 1 FROM suppressions other
    WHERE lower(other.address) = lower(suppressions.address) AND other.reason = suppressions.reason
    AND (other.since > suppressions.since
        OR (other.since = suppressions.since AND other.address > suppressions.address))
);
UPDATE suppressions SET address = lower(address) WHERE address <> lower(address);
DELETE FROM suppression_liftings WHERE EXISTS (
    SELECT 1 FROM suppression_liftings other
    WHERE lower(other.address) = lower(suppression_liftings.address)
    AND (other.lifted_at > suppression_liftings.lifted_at
        OR (other.lifted_at = suppression_liftings.lifted_at AND other.address > suppression_liftings.address))
);
UPDATE suppression_liftings SET address = lower(address) WHERE address <> lower(address);
