//! What the rules of the plans leave out, each with its reason. An exception that no statement needs any more is an error.

use std::collections::BTreeSet;

use crate::support::Engine;

/// One thing that is left out.
pub(super) struct Exception {
    /// A table, or a part of a statement in lower case without quotes.
    what: &'static str,
    /// Why it is left out.
    why: &'static str,
    /// The one database that needs it; `None` for both.
    on: Option<Engine>,
}

const fn both(what: &'static str, why: &'static str) -> Exception {
    Exception { what, why, on: None }
}

const fn only_on(engine: Engine, what: &'static str, why: &'static str) -> Exception {
    Exception { what, why, on: Some(engine) }
}

/// Tables that do not grow with customers or their use, and why.
pub(super) const SMALL: &[Exception] = &[
    both("signing_keys", "the keys that sign or verify, of which the upkeep deletes retired ones"),
    both("webhook_endpoints", "at most ten for each machine client"),
    both("webhook_keys", "at most two for each endpoint"),
    only_on(Engine::Postgres, "__diesel_schema_migrations", "one row for each migration"),
];

/// Counts that stay small, by a part of their statement, and what bounds them.
pub(super) const BOUNDED_COUNTS: &[Exception] = &[
    both("sum(refresh_tokens.reissues)", "the tokens of one session that were handed out again within a time"),
    both("count(*) from mails", "the mails of one kind to one account or address within a time, which are capped"),
    both("count(*) from email_changes", "the changes of one account within a time, which are capped"),
    both(
        "count(*) from caller_codes",
        "the questions about one number, or of one client, within a time, which are capped",
    ),
    only_on(Engine::Sqlite, "count(*) as count from sqlite_master", "the tables"),
    only_on(Engine::Postgres, "count(to_regclass(", "one table"),
    both("count(*) from mail_events", "the one row of an event, by its primary key"),
    both("count(*) from audit_erasures", "the entries of one batch"),
    both("count(*) as count, min(run_at)", "the jobs that the metrics count at most"),
    both(
        "count(*) as count from (select 1 as one from webhook_deliveries limit",
        "the deliveries that the metrics count at most",
    ),
    both("count(*) from webhook_endpoints", "at most ten for each machine client"),
    both(
        "count(*) from events",
        "the events of the span that a replay names, which its answer tells; a month is kept",
    ),
];

/// Counts of everything that an instance makes once.
pub(super) const COUNTED_ONCE: &[Exception] = &[both(
    "count(*) from accounts where (accounts.password_cost is not null)",
    "the costs of the stored hashes, before the first sign-in; later ones go on with the last count",
)];

/// Walks by an index that end after some rows, by a part of their statement, and what ends them.
pub(super) const BOUNDED_WALKS: &[Exception] = &[
    only_on(
        Engine::Postgres,
        "from events where (events.position is null)",
        "the index holds the events alone that are not published yet",
    ),
    both("order by audit_unsealed.seq", "a batch of the entries that wait for their seal"),
    both("order by audit_batches.number", "the newest batch"),
    both("select 1 as one from webhook_deliveries limit", "the deliveries that the metrics count at most"),
    both("select 1 from accounts limit 1", "one row of each table, which tells whether it can be read"),
];

/// Tables that a rare act of an administrator reads as a whole, for want of an index that nothing else needs.
pub(super) const READ_BY_RARE_ACTS: &[Exception] = &[
    only_on(
        Engine::Postgres,
        "jobs",
        "the jobs of what is erased are found by their payload, and the queue holds what waits",
    ),
    only_on(Engine::Sqlite, "tried_numbers", "found by the attacker's key elsewhere, and deleted within a day"),
];

/// Exceptions of one kind, and which of them were needed.
pub(super) struct Exceptions {
    listed: &'static [Exception],
    needed: BTreeSet<&'static str>,
}

impl Exceptions {
    pub(super) fn of(listed: &'static [Exception]) -> Self {
        Self { listed, needed: BTreeSet::new() }
    }

    /// Whether a table is listed, which it needs then.
    pub(super) fn has_table(&mut self, table: &str) -> bool {
        self.find(|what| what == table)
    }

    /// Whether a part of the statement is listed, which it needs then.
    pub(super) fn has_part_of(&mut self, statement: &str) -> bool {
        let plain = statement.to_lowercase().replace(['`', '"'], "");
        self.find(|what| plain.contains(what))
    }

    fn find(&mut self, is_meant: impl Fn(&str) -> bool) -> bool {
        let found = self.listed.iter().find(|exception| is_meant(exception.what));
        self.needed.extend(found.map(|exception| exception.what));
        found.is_some()
    }

    /// The exceptions that a database should need and has not needed, with their reasons.
    pub(super) fn needless(&self, engine: Engine) -> Vec<String> {
        let expected = self.listed.iter().filter(|exception| exception.on.is_none_or(|only| only == engine));
        let needless = expected.filter(|exception| !self.needed.contains(exception.what));
        needless.map(|exception| format!("{} ({})", exception.what, exception.why)).collect()
    }
}
