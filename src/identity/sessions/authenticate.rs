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

/// The last use of a session is kept to the minute: that is enough to recognise it by, and a write a minute. Where
/// sessions may be idle for little more than that, to a tenth of it.
const LAST_USE_KEPT_TO: TimeDelta = TimeDelta::minutes(1);

/// A customer whose session goes on.
#[derive(Clone)]
pub struct Customer {
    /// Whose session it is.
    pub account: Account,
    /// The session.
    pub session: Session,
}

/// The customer whose access token this is. Signature and claims are not enough here: a token whose session
/// has ended, or that was signed before the account's present epoch, is refused at once, elsewhere when it
/// expires (CH-04, JW-08).
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

/// The claims of a token of ours.
pub(in crate::identity) async fn verified<Claims>(
    app: &App,
    verify: impl Fn(&Signer) -> Result<Claims, InvalidAccessToken>,
) -> Result<Claims, Refusal> {
    let claims = match verify(&app.signer) {
        Err(InvalidAccessToken::UnknownKey) => {
            // Another instance may have made the key since ours were read.
            signing_keys::reload(app).await;
            verify(&app.signer)
        }
        other => other,
    };
    claims.map_err(|_| Refusal::InvalidToken)
}
