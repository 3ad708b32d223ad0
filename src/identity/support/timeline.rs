//! What happened, as far as it is about mails.

use super::facts::{MailFacts, SHOWN_WHOLE};
use crate::types::UtcTime;

/// One line of the timeline.
#[derive(Debug)]
pub struct TimelineEntry {
    /// When it happened; the first time, where several events are counted together.
    pub at: UtcTime,
    /// The event, in the words of the audit trail.
    pub event: String,
    /// The detail of the event in a few words.
    pub detail: Option<String>,
    /// How many events are counted together.
    pub count: i32,
}

/// What happened, the newest first: from the audit trail, and from what is only counted there.
pub(in crate::identity) fn timeline(facts: &MailFacts) -> Vec<TimelineEntry> {
    let is_whole = |event: &str| SHOWN_WHOLE.iter().any(|shown| shown.as_str() == event);
    let happened = facts.happened.iter().map(|happened| TimelineEntry {
        at: happened.occurred_at,
        detail: happened.detail.clone().filter(|_| is_whole(&happened.event)),
        event: happened.event.clone(),
        count: 1,
    });
    let swallowed = facts.swallowed.iter().map(|swallowed| TimelineEntry {
        at: swallowed.first_at,
        event: "reset_swallowed".to_owned(),
        detail: Some(swallowed.outcome.as_str().to_owned()),
        count: swallowed.requests,
    });
    // No statement runs when a link expires, so no table tells it.
    let unended = facts.link.as_ref().filter(|link| link.ended_at.is_none());
    let expired_at = unended.and_then(|link| link.expires_at).filter(|expires_at| *expires_at <= facts.now);
    let expired =
        expired_at.map(|at| TimelineEntry { at, event: "reset_link_expired".to_owned(), detail: None, count: 1 });
    let mut entries: Vec<TimelineEntry> = happened.chain(swallowed).chain(expired).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    entries
}
