//! Which machine clients there are.

use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::clients::{self, Client},
};

/// Every client, the oldest first, the revoked ones too.
pub async fn list(app: &App) -> Result<Vec<Client>, IdentityError> {
    Ok(app.query(clients::list).await?)
}
