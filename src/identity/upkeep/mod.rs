//! The state of the service itself: [`forget`] runs once a minute on every instance, [`count_waiting_jobs`] serves the health check and
//! the metrics.

pub(super) mod forget;
mod readiness;

pub use forget::forget;
pub use readiness::count_waiting_jobs;
