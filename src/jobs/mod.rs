//! The background work of a process. [`run()`] starts six loops, or two where another process runs the jobs. `queue` claims
//! due jobs and runs them side by side, each at least once; `claimed` runs one of them and decides whether its failure is
//! tried again, and `traced` says it in the log and the trace. `housekeeping` does the periodic upkeep ([`keep_house`]),
//! of which `batch` counts how each batch ends.
//! `watch` shares with the other instances what this one sees of an attack. `publish` gives events their order, `webhooks`
//! sends them, and `seal` seals the audit trail. [`run_all_due`] runs the due jobs without a loop, and
//! [`deliver_due_webhooks`] sends what is due.

mod batch;
mod claimed;
mod housekeeping;
mod publish;
mod queue;
mod run;
mod seal;
mod traced;
mod watch;
mod webhooks;

pub use housekeeping::keep_house;
pub use queue::run_all_due;
pub use run::{Background, run};
pub use webhooks::deliver_due_webhooks;
