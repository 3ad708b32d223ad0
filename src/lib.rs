//! The credentials service of the STAkis parts catalogue: accounts, passwords, sessions and the reset mail.
//!
//! The rooms, from the top down; imports only ever go down (`tests/it/architecture` checks this):
//!
//! ```text
//! main, cli/                      commands; they build App and open the listeners
//! http/   jobs/   mailbox/        requests in, background work, the development mailbox
//! identity/                       use cases, in sub-rooms
//! app/                            the parts, built once
//! store/  crypto/  mail/  limits/  policy/  pages/
//! config/  texts/  metrics/       settings; sentences in four languages; what is counted
//! inbound/  outbound/             connections of callers; the HTTP client for calls to other services
//! brand/  telemetry/              whose service it is: name, colours, contacts; spans of traces
//! types/                          the values that every room uses
//! ```

pub mod app;
pub mod brand;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod http;
pub mod identity;
pub mod inbound;
pub mod jobs;
mod limits;
pub mod mail;
pub mod mailbox;
pub mod metrics;
mod outbound;
pub mod pages;
mod policy;
pub mod store;
pub mod telemetry;
pub mod texts;
pub mod types;
