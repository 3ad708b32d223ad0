//! The faults, and what an operator does about each.

use super::{
    load::Seen::{self, NoAnswer, Status},
    round::Fault,
};
use crate::support::plain_tests;

plain_tests![op_02_the_papers_have_every_fault,];

const UNAVAILABLE: &[Seen] = &[Status(503)];
const NOTHING: &[Seen] = &[];
/// The only instance is gone, or has just begun.
const GONE: &[Seen] = &[Status(503), NoAnswer];

const NOTHING_TO_DO: &str = "nothing";

macro_rules! faults {
    [$($constant:ident: $name:literal, $may_be_seen:expr, $what_to_do:expr;)+] => {
        $(
            pub(super) const $constant: Fault =
                Fault { name: $name, may_be_seen: $may_be_seen, what_to_do: $what_to_do };
        )+
        const ALL: &[Fault] = &[$($constant),+];
    };
}

faults![
    STOPPED: "PostgreSQL is stopped", UNAVAILABLE, "start it";
    KILLED: "PostgreSQL is killed", UNAVAILABLE, "start it";
    RESTARTED: "PostgreSQL restarts", UNAVAILABLE, NOTHING_TO_DO;
    PAUSED: "PostgreSQL stands still", UNAVAILABLE, "see why: an overloaded disk or host, a snapshot";
    READ_ONLY: "PostgreSQL only reads", UNAVAILABLE, "let the address lead to the primary";
    NO_CONNECTIONS: "PostgreSQL has no connection left", UNAVAILABLE,
        "raise `max_connections`, or lower `STAKIS_DATABASE_POOL_SIZE`";
    SLOW: "the line to PostgreSQL is slow", UNAVAILABLE, "bring the two closer together";
    CUT: "the line to PostgreSQL is cut again and again", UNAVAILABLE, "repair the network";
    DISK_FULL: "the disk under SQLite is full", UNAVAILABLE, "make room";
    MAIL_API: "the mail API does not answer", NOTHING, "[Mail API down](#mail-api-down)";
    PROCESSES_KILLED: "each process is killed in turn", GONE, "let a service manager restart it";
    STOPS: "each process gets SIGTERM in turn", GONE, NOTHING_TO_DO;
    CLOCK: "the clock of one instance jumps two minutes ahead", NOTHING, "repair its time synchronization";
    NEXT_JOB: "a job of the next version is queued", NOTHING, "finish the upgrade";
    KEY_FILE: "the key file is changed, then unreadable, and an instance restarts", GONE, "put the right key back";
    CONNECTIONS: "10,000 idle and 500 slow connections", NOTHING, "block their sources at the proxy";
];

/// The rows of the table are printed by `tests/proof faults`, which knows each fault by its name.
fn op_02_the_papers_have_every_fault() {
    let page = include_str!("../../../docs/operations.md");
    let section = page.split("\n## What happens when something fails\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    for fault in ALL {
        let of_fault = rows.iter().filter(|row| row.starts_with(&format!("| {} |", fault.name)));
        let count = of_fault.filter(|row| row.ends_with(&format!("| {} |", fault.what_to_do))).count();
        assert!((1..=2).contains(&count), "{} has {count} rows", fault.name);
    }
    for row in rows {
        assert!(ALL.iter().any(|fault| row.starts_with(&format!("| {} |", fault.name))), "{row}");
    }
}
