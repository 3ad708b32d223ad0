//! What has happened, told to other systems. `store` writes an event in the transaction of what it tells. From there on:
//!
//! - [`publish()`] gives committed events their place in the order that readers follow. Nobody waits for it.
//! - [`list()`] is what `GET /v1/events` reads, from [`EventCursor`] on.

mod cursor;
mod list;
mod publish;

pub use cursor::EventCursor;
pub use list::{EventsPage, EventsRequest, list};
pub use publish::publish;
