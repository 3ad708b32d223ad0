//! Calls to other services: the one HTTP client for mail APIs and the range API of leaked passwords, and questions to name
//! servers.
//!
//! [`OutboundClient`] is made for one service and decides what every call has in common. A redirect is an answer and is
//! never followed. A call to this machine bypasses the machine's proxy; every other call goes through it. TLS is rustls
//! with the system's root certificates. [`ExchangeLimits`] bounds each exchange in time, and its answer in bytes.
//! `OutboundAnswer` tells a body that arrived whole from one that was cut short; [`CallFailure`] says in fixed words
//! why no answer came.

mod answer;
mod client;
mod failure;
mod name_server;

pub(crate) use client::{ExchangeLimits, OutboundClient, OutboundRequest};
pub(crate) use failure::CallFailure;
pub(crate) use name_server::{LookUpFailure, NameServers};
