//! The worker: it runs the queued jobs, each at least once, and the periodic upkeep. `queue` claims jobs and runs them side
//! by side, `claimed` runs one job and decides whether its failure is tried again; beside them [`keep_house`] does what
//! comes due with time alone, and `watch` shares what the instances know of an attack.

mod claimed;
mod housekeeping;
mod queue;
mod run;
mod watch;

pub use housekeeping::keep_house;
pub use queue::run_all_due;
pub use run::run;
