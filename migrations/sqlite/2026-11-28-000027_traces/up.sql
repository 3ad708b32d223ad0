-- The request and the span that a job follows from: they join the lines of the log about both, and continue the trace.
-- A version before leaves both empty, and a later one reads its jobs all the same.
ALTER TABLE jobs ADD COLUMN request_id TEXT;
ALTER TABLE jobs ADD COLUMN traceparent TEXT;
