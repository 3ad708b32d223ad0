//! The background work of a process. [`run()`] starts four loops, or two where another process runs the jobs. `queue` claims
//! due jobs and runs them side by side, each at least once; `claimed` runs one of them and decides whether its failure is
//! tried again, and `traced` says it in the log and the trace. `housekeeping` does the periodic upkeep ([`keep_house`]).
//! `watch` shares with the other instances what this one sees of an attack. `publish` gives events their order.
//! [`run_all_due`] runs the due jobs without a loop.

mod claimed;
mod housekeeping;
mod publish;
mod queue;
mod run;
mod traced;
mod watch;

pub use housekeeping::keep_house;
pub use queue::run_all_due;
pub use run::{Background, run};
