//! "This was not me": ends the one link of the mail.

use super::{
    refusal::IdentityError,
    source_limits::counting_unknown_tokens,
    verify_reset_link::{live_link, why_not_live},
};
use crate::{
    app::App,
    store::{
        audit_events::{self, Entry, Event},
        reset_links,
    },
    types::{RequestContext, ResetTokenHash},
};

/// Ends the link; the password stays as it is.
pub async fn withdraw_reset_link(app: &App, context: &RequestContext, token: &str) -> Result<(), IdentityError> {
    counting_unknown_tokens(app, context, withdraw(app, context, token)).await
}

async fn withdraw(app: &App, context: &RequestContext, token: &str) -> Result<(), IdentityError> {
    let now = app.clock.now();
    let token_hash = ResetTokenHash::of_presented(token);
    let context = context.clone();
    app.database
        .write(move |connection| -> Result<(), IdentityError> {
            let link = live_link(reset_links::find_by_token_hash(connection, &token_hash)?, now)?;
            if !reset_links::withdraw(connection, &link.id, now)? {
                return Err(why_not_live(connection, &link, now)?);
            }
            let entry = Entry::by_caller(&context, Event::ResetWithdrawn, now)
                .number(&link.customer_number)
                .account(link.account_id.as_ref())
                .reset_request(&link.reset_request_id)
                .detail("this was not me");
            Ok(audit_events::append(connection, &entry)?)
        })
        .await
}
