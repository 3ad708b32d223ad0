//! Why a call to another service has no usable answer.

use thiserror::Error;

/// Why a call has no usable answer. The text is fixed: it never holds an address, a header or a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum CallFailure {
    /// The connection was not open within the time limit.
    #[error("timeout")]
    ConnectTimeout,
    /// No connection could be opened: no such host, connection refused, no TLS.
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
        matches!(self, Self::ConnectTimeout | Self::Connect)
    }
}

impl From<reqwest::Error> for CallFailure {
    fn from(error: reqwest::Error) -> Self {
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => Self::ConnectTimeout,
            (true, false) => Self::Connect,
            (false, true) => Self::Timeout,
            (false, false) => Self::Transport,
        }
    }
}
