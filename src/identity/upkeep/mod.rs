//! The state of the service itself. [`forget()`], [`count_costs()`] and [`follow_server_clock`] run once a minute on every
//! instance, [`check_readiness`] serves the health check, and [`count_waiting_jobs`] the metrics.

mod count_costs;
pub(super) mod forget;
mod readiness;
mod server_clock;

pub use count_costs::count_costs;
pub use forget::forget;
pub use readiness::{check_readiness, count_waiting_jobs};
pub use server_clock::follow_server_clock;
