//! The metrics of the service. A label is a word from a set that is known when the series is defined: it is never a
//! customer number, an address, a source, an id or a token (LO-08).
//!
//! `definition` defines series, `labels` has the words of labels, and `known` those that the rooms above tell when the
//! process starts. Each other file has what is counted of one concern; `collection` holds them all. What is not counted but
//! read when the metrics are asked for stands in `readings`.

mod alarms;
mod build;
mod collection;
mod connections;
mod database;
mod definition;
mod hashes;
mod http;
mod jobs;
mod known;
mod labels;
mod limits;
mod mailbox_providers;
mod mails;
mod passwords;
mod process;
mod readings;
mod resets;
mod sessions;
mod sign_ins;
mod trail;
mod upkeep;
mod webhooks;

pub use alarms::AlarmMetrics;
pub use collection::{CONTENT_TYPE, Metrics};
pub use connections::ConnectionMetrics;
pub use database::{ConnectionReading, DatabaseMetrics, Waiting};
pub use hashes::{HashMetrics, HashReading};
pub use http::HttpMetrics;
pub use jobs::{JobReading, MOST_COUNTED};
pub use known::Known;
pub use labels::{
    Alarm, BatchOutcome, DatabaseFailure, JobKind, JobState, JobUrgency, MailOutcome, RefusingLimit, SignInOutcome,
};
pub use limits::LimitMetrics;
pub use mailbox_providers::{LEAST_ACCOUNTS, MOST_MAILBOX_PROVIDERS, MailboxProviderMetrics};
pub use mails::MailMetrics;
pub use passwords::PasswordMetrics;
pub use readings::{Readings, StoredReading};
pub use resets::ResetMetrics;
pub use sessions::SessionMetrics;
pub use sign_ins::SignInMetrics;
pub use trail::TrailReading;
pub use upkeep::UpkeepMetrics;
pub use webhooks::{WebhookMetrics, WebhookReading};
