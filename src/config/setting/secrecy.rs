//! Whether the value of a setting is secret.

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// The value may stand in logs and messages.
    Open,
    /// The value is never shown, and can also be given as `<name>_FILE`, the path of a file.
    Secret,
}
