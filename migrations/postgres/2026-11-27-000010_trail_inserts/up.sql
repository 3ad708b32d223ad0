-- SQLite alone needs a trigger here. PostgreSQL's INSERT … ON CONFLICT DO UPDATE fires the triggers on UPDATE.
SELECT 1;
