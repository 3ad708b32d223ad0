//! From a bearer token to the account behind it.

use super::refusal::{IdentityError, Refusal};
use crate::{
    app::App,
    crypto::InvalidAccessToken,
    store::{StoreError, accounts::Account, sessions},
};

/// The account whose access token this is. Signature and claims are not enough here: a token whose session
/// has ended is refused at once, elsewhere when it expires (CH-04, JW-08).
pub async fn authenticate(app: &App, access_token: &str) -> Result<Account, IdentityError> {
    let now = app.clock.now();
    let claims = match app.signer.verify(access_token, now) {
        Err(InvalidAccessToken::UnknownKey) => {
            // Another instance may have made the key since ours were read.
            app.reload_signing_keys().await;
            app.signer.verify(access_token, now)
        }
        other => other,
    }
    .map_err(|_| Refusal::InvalidToken)?;
    let account = app
        .database
        .read(move |connection| -> Result<_, StoreError> {
            let account = sessions::find_live_account(connection, &claims.sid)?;
            Ok(account.filter(|account| account.id == claims.sub))
        })
        .await?;
    account.ok_or_else(|| Refusal::InvalidToken.into())
}
