//! Events sent to endpoints of machine clients. `owner` is a client with its endpoints, and `receiver` what stands behind
//! their addresses.

mod addresses;
mod delivery;
mod disabling;
mod endless_answers;
mod endpoints;
mod fields;
mod guide;
mod keys;
mod kill;
mod log;
mod outcomes;
pub(crate) mod owner;
pub(crate) mod receiver;
mod replays;
mod side_by_side;
