//! Why the service cannot start with this database.

use crate::types::Fault;

/// Why the parts of the service could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The database holds keys that this secret key does not open.
    #[error(
        "STAKIS_SECRET_KEY is not the key this database was used with; set that one, \
         or set it as STAKIS_SECRET_KEY_PREVIOUS while you change to a new one"
    )]
    WrongSecretKey,
    /// Any other failure, such as a database that is down.
    #[error(transparent)]
    Fault(#[from] Fault),
}
