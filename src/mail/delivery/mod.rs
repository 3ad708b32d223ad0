//! What the webhooks of all mail APIs have in common: the call, the event, and the fields of its JSON.

pub(super) mod bounce;
mod event;
pub(super) mod fields;
mod incoming;
mod proof;
mod smtp_code;

pub(crate) use bounce::cause_of_code;
pub use event::{DeliveryEvent, EventRefusal};
pub use incoming::Incoming;
pub(crate) use proof::{EventProof, HeadProof};
