-- The name that people have given to a device (OW-10), and when. Both are NULL for a device without a name.
ALTER TABLE devices ADD COLUMN name TEXT;
ALTER TABLE devices ADD COLUMN named_at TIMESTAMP;

-- Devices that a new password has ended (OW-09). They stand in a table of their own: a release that does not know them
-- takes no former device for a known one.
CREATE TABLE former_devices (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    token_hash TEXT NOT NULL UNIQUE,
    user_agent TEXT,
    name TEXT,
    named_at TIMESTAMP,
    ended_at TIMESTAMP NOT NULL
);
CREATE INDEX former_devices_by_account ON former_devices (account_id, ended_at);
-- For the upkeep, which deletes the oldest.
CREATE INDEX former_devices_by_end ON former_devices (ended_at);

-- Failed sign-ins by submitted number, hour and presented device, so that a flood adds few rows (OW-08).
CREATE TABLE failed_sign_ins (
    -- As submitted, whether or not the number has an account.
    customer_number TEXT NOT NULL,
    -- The beginning of the hour.
    hour TIMESTAMP NOT NULL,
    -- 'device/' or 'former/' with the id of the device; empty where none of the account's was presented.
    presented TEXT NOT NULL,
    failures INTEGER NOT NULL,
    -- When the first of them was. It never changes, so that it can order pages.
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL,
    -- The network of the last one, /24 or /48.
    source TEXT,
    -- Whether they came from more than one network.
    several_sources BOOLEAN NOT NULL,
    PRIMARY KEY (customer_number, hour, presented)
);
-- For the upkeep, which deletes the oldest.
CREATE INDEX failed_sign_ins_by_hour ON failed_sign_ins (hour);

-- The device that signed in. It may be forgotten before the entry is read.
ALTER TABLE audit_events ADD COLUMN device_id TEXT;
