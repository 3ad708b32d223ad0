//! Limits on what strangers may do, in the order in which a request meets them: `gate` asks the memory of recent refusals,
//! `source_limits` count by source, `prove_work` asks for a proof of work, `throttle` counts failures by number and device.
//! [`share_pressure`] tells the other instances of an attack that goes over many numbers.

pub(super) mod gate;
pub(super) mod prove_work;
pub(super) mod share_pressure;
pub(super) mod source_limits;
pub(super) mod throttle;

pub use prove_work::issue_challenge;
pub use share_pressure::share_pressure;
pub use source_limits::{check_source_of_reset, check_source_of_sign_in};
