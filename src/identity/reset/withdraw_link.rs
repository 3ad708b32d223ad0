//! "This was not me": ends the one link of the mail.

use super::verify_link::{live_link, why_not_live};
use crate::{
    app::App,
    identity::{abuse::source_limits::counting_unknown_tokens, refusal::IdentityError},
    store::{
        audit_events::{self, Entry, Event},
        reset_links::{self, ResetLink},
    },
    types::{RequestContext, ResetTokenHash, UtcTime},
};

/// Ends the link; the password stays as it is.
pub async fn withdraw_link(app: &App, context: &RequestContext, token: &str) -> Result<(), IdentityError> {
    let now = app.clock.now();
    let link = counting_unknown_tokens(app, context, find_live_link(app, token, now)).await?;
    let context = context.clone();
    app.database
        .write(move |tx| -> Result<(), IdentityError> {
            if !reset_links::withdraw(tx, &link.id)? {
                return Err(why_not_live(tx, &link, now)?);
            }
            let entry = Entry::by_caller(&context, Event::ResetWithdrawn, now)
                .number(&link.customer_number)
                .account(link.account_id.as_ref())
                .reset_request(&link.reset_request_id)
                .detail("this was not me");
            Ok(audit_events::append(tx, &entry)?)
        })
        .await
}

/// Without a turn to write, which is not for whoever makes tokens up.
async fn find_live_link(app: &App, token: &str, now: UtcTime) -> Result<ResetLink, IdentityError> {
    let token_hash = ResetTokenHash::of_presented(token);
    let found = app.database.query(move |tx| reset_links::find_by_token_hash(tx, &token_hash)).await?;
    Ok(live_link(found, now)?)
}
