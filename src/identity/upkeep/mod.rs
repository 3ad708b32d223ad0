//! The state of the service itself. [`follow_server_clock`] runs once a minute on every instance, as do the tasks of
//! [`FORGETTING`]; [`check_readiness`] serves the health check.

mod cut_trail;
mod forget;
mod new_epoch;
mod readiness;
mod review_suppressions;
mod server_clock;

pub use forget::FORGETTING;
pub(in crate::identity) use forget::{ACTIVITY_KEPT_FOR, ERASED_NUMBERS_KEPT_FOR};
pub use new_epoch::{NewEpoch, begin_new_epoch};
pub use readiness::check_readiness;
pub use server_clock::follow_server_clock;
