//! What happened, as far as it is about mails.

use super::{facts::Facts, question::LOOKED_BACK};
use crate::{
    store::{
        StoreError, Transaction,
        audit_events::{self, Event},
    },
    types::{CustomerNumber, UtcTime},
};

/// So much of the trail is shown, the newest first.
const LONGEST: i64 = 100;

/// What support sees of the trail, whole. Everything else, such as who signed in and when, is none of its business
/// (AD-10): an event that is not in these two lists is not shown.
const SHOWN_WHOLE: [Event; 10] = [
    Event::ResetRequested,
    Event::ResetProcessed,
    Event::ResetLookedAt,
    Event::ResetConsumed,
    Event::ResetWithdrawn,
    Event::MailHandedOver,
    Event::MailDeferred,
    Event::MailGivenUp,
    Event::MailDelivery,
    Event::SuppressionLifted,
];
/// What it sees without the detail, which may be an administrator's words.
const SHOWN_BARE: [Event; 4] =
    [Event::PasswordChanged, Event::UserClosed, Event::UserReopened, Event::UserEmailChanged];

/// One line of the timeline.
#[derive(Debug)]
pub struct Moment {
    /// When.
    pub at: UtcTime,
    /// What, in the trail's words.
    pub event: String,
    /// A word or two more.
    pub detail: Option<String>,
    /// How often, where lines are counted together; then `at` is the first of them.
    pub count: i32,
}

/// What happened, from the trail, with what is only counted.
pub(in crate::identity) fn tell(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    facts: &Facts,
    now: UtcTime,
) -> Result<Vec<Moment>, StoreError> {
    let shown = [SHOWN_WHOLE.as_slice(), SHOWN_BARE.as_slice()].concat();
    let happened = audit_events::list_of_number(tx, number, &shown, now - LOOKED_BACK, LONGEST)?;
    let is_whole = |event: &str| SHOWN_WHOLE.iter().any(|shown| shown.as_str() == event);
    let mut moments: Vec<Moment> = happened
        .into_iter()
        .map(|happened| Moment {
            at: happened.occurred_at,
            detail: happened.detail.filter(|_| is_whole(&happened.event)),
            event: happened.event,
            count: 1,
        })
        .collect();
    moments.extend(facts.swallowed.iter().map(|swallowed| Moment {
        at: swallowed.first_at,
        event: "reset_swallowed".to_owned(),
        detail: Some(swallowed.outcome.as_str().to_owned()),
        count: swallowed.requests,
    }));
    // Nothing happens when a time is over, so nothing is written then.
    let expired_at = facts.link.as_ref().filter(|link| link.ended_at.is_none()).and_then(|link| link.expires_at);
    moments.extend(expired_at.filter(|expired_at| *expired_at <= now).map(|at| Moment {
        at,
        event: "reset_link_expired".to_owned(),
        detail: None,
        count: 1,
    }));
    moments.sort_by_key(|moment| std::cmp::Reverse(moment.at));
    Ok(moments)
}
