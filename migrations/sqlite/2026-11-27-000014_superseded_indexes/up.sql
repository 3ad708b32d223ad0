-- PostgreSQL alone has an index to drop here.
SELECT 1;
