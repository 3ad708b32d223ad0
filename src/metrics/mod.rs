//! The metrics of the service. A label is a word from a small set: it is never a customer number, an address, a source,
//! an id or a token (LO-08). `labels` has the words, and `counters` what is counted.

mod counters;
mod labels;

pub use counters::{CONTENT_TYPE, Metrics, Readings};
pub use labels::{Alarm, MailOutcome, RefusingLimit, SignInOutcome};
