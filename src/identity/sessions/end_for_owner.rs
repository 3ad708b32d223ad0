//! An administrator ends the sessions of an account for its owner (AD-06).

use super::end::end_all;
use crate::{
    app::App,
    identity::{
        administration::{Change, Which, with_locked_account},
        refusal::IdentityError,
    },
    store::sessions::SessionEnd,
    types::RequestContext,
};

/// Ends every session of an account: refresh tokens end everywhere, access tokens here at once. The password and the known
/// devices stay, so the owner signs in again. The owner reads of it in what happened to the access.
pub async fn end_for_owner(
    app: &App,
    context: &RequestContext,
    which: impl Into<Which>,
) -> Result<Change, IdentityError> {
    with_locked_account(app, context, which, |tx, account| {
        Ok(Change::when(end_all(tx, account, None, SessionEnd::BySupport)? > 0))
    })
    .await
}
