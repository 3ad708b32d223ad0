//! The worker: it runs the queued jobs, each at least once, and the periodic upkeep.

mod claimed;
mod housekeeping;
mod queue;
mod run;
mod watch;

pub use housekeeping::keep_house;
pub use queue::run_all_due;
pub use run::run;
