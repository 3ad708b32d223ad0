//! Events sent to endpoints of machine clients, after Standard Webhooks. `store` writes an event in the transaction of what
//! it tells, and `events` publishes it. From there on, and nobody waits for it:
//!
//! - [`queue_events()`] queues published events for the endpoints that get them, and [`queue_replays()`] those of a span that
//!   is sent again.
//! - [`claim_due()`] hands out endpoints to which something is due, each to one worker at a time, and [`Delivering`] sends it:
//!   `prepare` reads what is due and the keys, `send` posts with no transaction open, `record` stores the outcome.
//!   `schedule` says when a failed attempt is repeated.
//!
//! The owner of an endpoint makes, reads, changes and deletes it (`manage`), replaces its keys (`keys`), tries it out
//! ([`test()`]), reads the log of attempts ([`list_deliveries()`]), and has events sent again ([`replay_one()`],
//! [`replay_span()`]).

mod claimed;
mod cursor;
mod deliver;
mod keys;
mod log;
mod manage;
mod owned;
mod prepare;
mod queue;
mod record;
mod replay;
mod schedule;
mod send;
mod test;

pub use claimed::{Claimed, claim_due};
pub use cursor::DeliveryCursor;
pub use deliver::{Delivered, Delivering};
pub use keys::{RESEALING, published_keys, rotate_secret};
pub use log::{DeliveriesPage, DeliveriesRequest, list_deliveries};
pub use manage::{
    CreatedEndpoint, EndpointChanges, EndpointToCreate, NewDescription, create, delete, list, show, update,
};
pub use queue::{queue_events, queue_replays};
pub use replay::{SpanToReplay, replay_one, replay_span};
pub use test::test;
