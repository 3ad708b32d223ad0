//! The clock by which all instances agree.

use crate::{
    app::{App, server_clock},
    identity::refusal::IdentityError,
};

/// Follows the clock of the database server (OP-04).
pub async fn follow_server_clock(app: &App) -> Result<(), IdentityError> {
    Ok(server_clock::follow(&app.database, &app.clock).await?)
}
