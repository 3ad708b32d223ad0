//! What a listener grants its callers.

use std::time::Duration;

use super::open_files::limit_of_open_files;

/// The deadlines of a connection, and how many connections there may be.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The time for a whole request head, from its first byte on. The first head of a connection has the same time from
    /// the moment at which the connection is opened.
    pub head: Duration,
    /// The time for a whole request body, from the moment at which the service begins to read it.
    pub body: Duration,
    /// The time that the service may take for a request. Handlers have an earlier deadline of their own.
    pub handling: Duration,
    /// The time in which the client has to take a whole answer.
    pub answer: Duration,
    /// The time that a connection may stay open between two requests.
    pub idle: Duration,
    /// The same while more than half of all places are taken. It does not apply to trusted proxies.
    pub idle_when_crowded: Duration,
    /// How many connections one source may have open. It does not apply to trusted proxies.
    pub of_source: usize,
    /// How many connections may be open in all.
    pub in_all: usize,
}

/// Open files that are kept for calls to other services, listeners, logs, and the runtime.
const KEPT_FILES: u64 = 168;
/// Open files that are kept for each connection to the database. SQLite has three.
const FILES_OF_DATABASE_CONNECTION: u64 = 3;
/// The most connections where the limit of open files allows more.
const MOST_CONNECTIONS: usize = 4096;
/// The least number of connections, however low the limit of open files is.
const LEAST_CONNECTIONS: usize = 16;

impl Bounds {
    /// The bounds of a listener in this process, beside as many connections to the database.
    #[must_use]
    pub fn of_this_process(database_connections: u32) -> Self {
        Self::within(limit_of_open_files(), database_connections)
    }

    /// The bounds where a process may have this many files open.
    fn within(open_files: u64, database_connections: u32) -> Self {
        let kept = KEPT_FILES + FILES_OF_DATABASE_CONNECTION * u64::from(database_connections);
        let left = usize::try_from(open_files.saturating_sub(kept)).unwrap_or(usize::MAX);
        let in_all = left.clamp(LEAST_CONNECTIONS, MOST_CONNECTIONS);
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            handling: Duration::from_mins(2),
            answer: Duration::from_mins(1),
            // Longer than the 60 s of the proxies in front (nginx' `keepalive_timeout` of an upstream, an AWS load
            // balancer's idle timeout). If this service closed a connection first, a request that was just sent would
            // be lost, and a proxy must not send a POST twice.
            idle: Duration::from_secs(75),
            idle_when_crowded: Duration::from_secs(5),
            of_source: (in_all / 16).max(64).min(in_all),
            in_all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ap_04_connections_leave_files_for_the_database() {
        let bounds = |files, connections| {
            let Bounds { of_source, in_all, .. } = Bounds::within(files, connections);
            (of_source, in_all)
        };
        assert_eq!(bounds(u64::MAX, 8), (256, 4096));
        assert_eq!(bounds(1024, 8), (64, 832));
        assert_eq!(bounds(1024, 100), (64, 556));
        assert_eq!(bounds(0, 8), (16, 16));
    }
}
