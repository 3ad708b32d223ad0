//! Limits on what strangers may do, in the order in which a request meets them: `source_limits` count by source, first from
//! memory; `gate` adds the proof of work (`prove_work`) while one is asked for; `throttle` counts password attempts by
//! number and device, with the waits of `failure_limit`. [`share_pressure`] tells the other instances how many numbers
//! are tried.

pub(super) mod failure_limit;
pub(super) mod failures;
pub(super) mod gate;
mod prove_work;
mod share_pressure;
pub(super) mod source_limits;
pub(super) mod throttle;

pub use prove_work::issue_challenge;
pub use share_pressure::share_pressure;
