//! From a bearer token to the customer behind it.

use chrono::TimeDelta;

use crate::{
    app::App,
    crypto::{InvalidAccessToken, Signer},
    identity::{
        refusal::{IdentityError, Refusal},
        signing_keys,
    },
    store::{
        accounts::Account,
        sessions::{self, Session},
    },
};

/// How exactly the last use of a session is stored: to the minute, which is enough to recognise a session by and costs
/// at most one write a minute. Where the idle lifetime is short, it is stored to a tenth of that.
const LAST_USE_KEPT_TO: TimeDelta = TimeDelta::minutes(1);

/// A customer with a live session.
#[derive(Clone)]
pub struct Customer {
    /// The account that the session belongs to.
    pub account: Account,
    /// The live session that the access token names.
    pub session: Session,
}

/// Finds the customer behind an access token. Signature and claims are not enough here: a token whose session has
/// ended, or that was signed before the account's present epoch, is refused here at once, by other services when it
/// expires (CH-04, JW-08).
///
/// # Errors
/// [`Refusal::InvalidToken`] for every token without a live session.
pub async fn authenticate(app: &App, access_token: &str) -> Result<Customer, IdentityError> {
    let now = app.clock.now();
    let claims = verified(app, |signer| signer.verify(access_token, now)).await?;
    let lifetimes = app.session_lifetimes;
    let found = app
        .query(move |tx| {
            let found = sessions::find_live(tx, &claims.sid, lifetimes)?;
            Ok(found.filter(|(_, account)| account.id == claims.sub && account.session_epoch == claims.epoch))
        })
        .await?;
    let (session, account) = found.ok_or(Refusal::InvalidToken)?;
    if session.last_used_at + LAST_USE_KEPT_TO.min(lifetimes.idle / 10) <= now {
        let id = session.id.clone();
        app.database.write(move |tx| sessions::set_used(tx, &id)).await?;
    }
    Ok(Customer { account, session })
}

/// The claims of an access token that this service has signed and that has not expired.
pub(in crate::identity) async fn verified<Claims>(
    app: &App,
    verify: impl Fn(&Signer) -> Result<Claims, InvalidAccessToken>,
) -> Result<Claims, Refusal> {
    look_into(app, verify).await.map_err(|_| Refusal::InvalidToken)
}

/// The claims of an access token, or why there are none. The keys are read again once where the key is unknown.
pub(in crate::identity) async fn look_into<Claims>(
    app: &App,
    verify: impl Fn(&Signer) -> Result<Claims, InvalidAccessToken>,
) -> Result<Claims, InvalidAccessToken> {
    match verify(&app.signer) {
        Err(InvalidAccessToken::UnknownKey) => {
            // Another instance may have made the key since this one read the keys.
            signing_keys::reload(app).await;
            verify(&app.signer)
        }
        other => other,
    }
}
