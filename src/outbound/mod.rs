//! The one HTTP client for calls to other services: mail APIs, the range API of leaked passwords and the collector of
//! traces.
//!
//! [`OutboundClient`] is made for one service and decides what every call has in common. A redirect is an answer and is
//! never followed. A call to this machine bypasses the machine's proxy; every other call goes through it. TLS is rustls
//! with the system's root certificates. [`ExchangeLimits`] bounds each exchange in time, and its answer in bytes.
//! `OutboundAnswer` tells a body that arrived whole from one that was cut short; [`CallFailure`] says in fixed words
//! why no answer came. [`Collector`] hands finished spans over.

mod answer;
mod client;
mod collector;
mod failure;

pub(crate) use client::{ExchangeLimits, OutboundClient, OutboundRequest};
pub(crate) use collector::Collector;
pub(crate) use failure::CallFailure;
