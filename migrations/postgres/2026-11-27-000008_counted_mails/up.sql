-- A keyed hash of the address that a request came from, so that one source cannot use up the share of its whole network.
-- The worker empties it. An older version that runs beside this one leaves the column alone.
ALTER TABLE reset_requests ADD COLUMN source_hash TEXT;

-- When a person last lifted the suppression of an address: a bounce from before that time suppresses nothing any more.
-- The audit trail used to tell it, and no rule may depend on a row of the trail.
CREATE TABLE suppression_liftings (
    -- In the form in which addresses are compared.
    address TEXT NOT NULL PRIMARY KEY,
    lifted_at TIMESTAMP NOT NULL
);
CREATE INDEX suppression_liftings_by_age ON suppression_liftings (lifted_at);
INSERT INTO suppression_liftings (address, lifted_at)
SELECT accounts.email, MAX(audit_events.occurred_at)
FROM audit_events JOIN accounts ON accounts.id = audit_events.account_id
WHERE audit_events.event = 'mail_suppression_lifted' AND accounts.email IS NOT NULL
GROUP BY accounts.email;
