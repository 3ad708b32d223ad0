-- Entries from before the trail was sealed wait for their seal too, in the order of their time (LO-06). It is a migration
-- of its own: an instance of the version before goes on appending meanwhile, and the trigger that lets its entries wait is
-- there already.
INSERT INTO audit_unsealed (event_id, occurred_at)
SELECT id, occurred_at FROM audit_events
WHERE NOT EXISTS (SELECT 1 FROM audit_unsealed WHERE audit_unsealed.event_id = audit_events.id)
ORDER BY occurred_at, id;
