-- Which versions of the service go on working on the tables after a migration that they do not know.
CREATE TABLE migration_bearers (
    -- The migration.
    migration TEXT NOT NULL PRIMARY KEY,
    -- The last migration that a version has to know. An older version refuses to start.
    oldest_known TEXT NOT NULL
);
