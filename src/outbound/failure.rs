//! Why a call to another service has no usable answer.

use std::{error::Error as _, io, iter};

use thiserror::Error;

use super::target_guard::TargetNotAllowed;

/// Why a call has no usable answer. The text is fixed: it never holds an address, a header or a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum CallFailure {
    /// The connection was not open within the time limit.
    #[error("timeout")]
    ConnectTimeout,
    /// The request cannot be written: a header holds a character that none may hold.
    #[error("request cannot be written")]
    Unwritable,
    /// The address leads nowhere that may be called. A name that does not exist is among these, so that nobody learns
    /// which inner names do.
    #[error("address not allowed")]
    NotAllowed,
    /// The name of the host leads to no address.
    #[error("host name not found")]
    NameNotFound,
    /// Nothing listens at the address.
    #[error("connection refused")]
    Refused,
    /// The other side does not speak TLS, or its certificate is not trusted.
    #[error("TLS failed")]
    Tls,
    /// No connection could be opened for another reason.
    #[error("connection failed")]
    Connect,
    /// The answer had not arrived completely within the time limit.
    #[error("timeout")]
    Timeout,
    /// The answer is longer than the caller accepts.
    #[error("answer too long")]
    TooLong,
    /// The exchange broke off, or the answer was no HTTP.
    #[error("transport error")]
    Transport,
}

impl CallFailure {
    /// Whether the call failed before any byte of the request left this machine. After every other failure the
    /// other side may have acted on the request.
    pub(crate) const fn is_before_request(self) -> bool {
        match self {
            Self::ConnectTimeout
            | Self::Unwritable
            | Self::NotAllowed
            | Self::NameNotFound
            | Self::Refused
            | Self::Tls
            | Self::Connect => true,
            Self::Timeout | Self::TooLong | Self::Transport => false,
        }
    }
}

impl From<reqwest::Error> for CallFailure {
    fn from(error: reqwest::Error) -> Self {
        match (error.is_builder(), error.is_connect(), error.is_timeout()) {
            (true, ..) => Self::Unwritable,
            (_, true, true) => Self::ConnectTimeout,
            (_, true, false) => why_not_connected(&error),
            (_, false, true) => Self::Timeout,
            (_, false, false) => Self::Transport,
        }
    }
}

/// The reason in the chain of causes. The client has no types for names and TLS, so their words decide.
fn why_not_connected(error: &reqwest::Error) -> CallFailure {
    let causes = || iter::successors(error.source(), |error| (*error).source());
    // A resolver that refuses is the cause of a "dns error", so this is looked for first.
    for error in causes() {
        if error.is::<TargetNotAllowed>() {
            return CallFailure::NotAllowed;
        }
    }
    for error in causes() {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::ConnectionRefused
        {
            return CallFailure::Refused;
        }
        let text = error.to_string();
        if text.contains("dns error") {
            return CallFailure::NameNotFound;
        }
        if text.contains("certificate") || text.contains("corrupt message") || text.contains("HandshakeFailure") {
            return CallFailure::Tls;
        }
    }
    CallFailure::Connect
}
