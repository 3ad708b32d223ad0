//! Why a password hash is not taken.

/// Why a password hash of another system is refused. The words never repeat the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashRefused {
    /// The text has none of the known forms.
    #[error("the form of the hash is not known")]
    Unknown,
    /// The text begins like a known form, and a part of it is wrong.
    #[error("the hash is not complete, or a part of it is wrong: {0}")]
    Malformed(&'static str),
    /// The hash protects nothing, or hardly anything.
    #[error("the hash is too weak: {0}")]
    TooWeak(&'static str),
    /// One attempt would cost more than the service gives to a stranger.
    #[error("the hash costs too much to verify: {0}")]
    TooDear(&'static str),
}
