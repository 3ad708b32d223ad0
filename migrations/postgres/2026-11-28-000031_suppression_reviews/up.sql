-- When an account was last known to have the address on file. What is known of an address that nobody has any more is
-- deleted after a while (DP-02). An older version that runs beside this one leaves the column alone, and the upkeep then
-- looks at once.
ALTER TABLE suppressions ADD COLUMN reviewed_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
