//! Endpoints of webhooks, for the machine clients that they belong to: `creation` makes one, `endpoints` shows, changes and
//! deletes it, `acts` replace its secret and try it out, `deliveries` is the log of attempts, and `replays` send events again.
//! `endpoint_body` is the endpoint in every answer. `keys` publishes what verifies signatures.

pub(super) mod acts;
pub(super) mod creation;
pub(super) mod deliveries;
mod endpoint_body;
pub(super) mod endpoints;
pub(super) mod keys;
pub(super) mod replays;
