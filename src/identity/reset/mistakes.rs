//! What the holder of a link may get wrong a limited number of times.

use super::live_link::{link_entry, why_not_live};
use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::{
        audit_events::Event,
        reset_links::{self, CountedMistake, ResetLink},
    },
    types::RequestContext,
};

/// The answer to this many wrong customer numbers withdraws the link.
const MOST_MISMATCHES: i32 = 5;
/// The answer to this many passwords that a rule about the account refuses withdraws it too: otherwise the link could
/// be used to find out about the account (CH-11).
const MOST_ACCOUNT_RULES: i32 = 10;

/// Counts a mistake and withdraws the link at the last one allowed. The answer to that one still names the wrong
/// fields; from the next on the link is withdrawn.
pub(in crate::identity) async fn count_mistake(
    app: &App,
    context: &RequestContext,
    link: ResetLink,
    mistake: CountedMistake,
) -> Result<(), IdentityError> {
    app.transact(context, move |tx| {
        let Some(count) = reset_links::count_mistake(tx, &link.id, mistake)? else {
            return Err(why_not_live(tx, &link)?);
        };
        let (most, detail) = match mistake {
            CountedMistake::Mismatch => (MOST_MISMATCHES, "too many wrong customer numbers"),
            CountedMistake::AccountRule => (MOST_ACCOUNT_RULES, "too many passwords refused for the account"),
        };
        if count >= most && reset_links::withdraw(tx, &link.id)? {
            link_entry(tx, Event::ResetWithdrawn, &link).detail(detail).append(tx)?;
        }
        Ok(())
    })
    .await
}
