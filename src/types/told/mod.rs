//! What other systems are told, by `GET /v1/events` and by webhooks: the one catalogue of types and of what each tells.
//! `event_type` lists the types, `data` has the `data` of each, and `reasons` the vocabularies that stand in it; `body` is
//! an event as a whole.

mod body;
mod data;
mod event_type;
mod reasons;

pub use body::EventBody;
pub use data::*;
pub use event_type::EventType;
pub use reasons::{
    AccountField, EventActor, PasswordExpiryReason, PasswordSetBy, SessionEndReason, ThrottledAttempt,
};
