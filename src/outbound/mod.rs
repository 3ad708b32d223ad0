//! Calls to other services: the HTTP clients for mail APIs, webhooks, the range API of leaked passwords and the collector of
//! traces, and questions to name servers.
//!
//! [`OutboundClient`] is made for one service and decides what every call has in common. A redirect is an answer and is
//! never followed. A call to this machine bypasses the machine's proxy; every other call goes through it. TLS is rustls
//! with the system's root certificates. [`ExchangeLimits`] bounds each exchange in time, and its answer in bytes.
//! `OutboundAnswer` tells a body that arrived whole from one that was cut short; [`CallFailure`] says in fixed words
//! why no answer came. [`Collector`] hands finished spans over.
//!
//! [`WebhookClient`] calls addresses that other people choose. Its `target_guard` lets pass what `special_networks` does not
//! name, and checks each connection when it is opened; `look_up` asks the resolver.

mod answer;
mod client;
mod collector;
mod failure;
mod look_up;
mod name_server;
mod retry_after;
mod special_networks;
mod target_guard;
mod webhook_client;

pub(crate) use client::{ExchangeLimits, OutboundClient, OutboundRequest};
pub(crate) use collector::Collector;
pub(crate) use failure::CallFailure;
pub(crate) use name_server::{LookUpFailure, NameServers};
pub(crate) use retry_after::retry_after;
pub(crate) use target_guard::TargetRules;
pub(crate) use webhook_client::{WebhookAnswer, WebhookClient};
