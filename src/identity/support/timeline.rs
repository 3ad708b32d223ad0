//! What happened, as far as it is about mails.

use super::facts::{MailFacts, SHOWN_BARE, SHOWN_WHOLE};
use crate::{
    store::{
        audit_events::{Event, Happened},
        mails::Mail,
    },
    types::{UtcTime, open_enum_schema, text_enum},
};

text_enum! {
    /// What the audit trail does not hold as an event of its own.
    pub enum DerivedEvent {
        /// Requests were swallowed; the detail says why.
        RequestsSwallowed = "reset_swallowed",
        /// The time of a link was over.
        LinkExpired = "reset_link_expired",
    }
}

/// The kind of an event in the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimelineEvent {
    /// An event of the audit trail.
    Audited(Event),
    /// A fact from other tables.
    Derived(DerivedEvent),
}

impl TimelineEvent {
    /// Every event that a timeline can hold.
    pub fn all() -> impl Iterator<Item = Self> {
        let audited = SHOWN_WHOLE.into_iter().chain(SHOWN_BARE).map(Self::Audited);
        audited.chain(DerivedEvent::ALL.iter().copied().map(Self::Derived))
    }

    /// The text of the event, in JSON and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audited(event) => event.as_str(),
            Self::Derived(event) => event.as_str(),
        }
    }

    /// What the event means.
    #[must_use]
    pub const fn documentation(self) -> &'static str {
        match self {
            Self::Audited(event) => event.documentation(),
            Self::Derived(event) => event.documentation(),
        }
    }
}

impl serde::Serialize for TimelineEvent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl utoipa::PartialSchema for TimelineEvent {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let values = Self::all().map(|event| (event.as_str(), event.documentation()));
        open_enum_schema("The kind of an event in the timeline of requests, links and mails.", values)
    }
}

impl utoipa::ToSchema for TimelineEvent {}

/// One line of the timeline.
#[derive(Debug)]
pub struct TimelineEntry {
    /// When it happened; the first time, where several events are counted together.
    pub at: UtcTime,
    /// What happened.
    pub event: TimelineEvent,
    /// The detail of the event in a few words.
    pub detail: Option<String>,
    /// How many events are counted together.
    pub count: i32,
}

/// What happened, the newest first: the entries of the audit trail, the swallowed requests, which are only counted, and
/// the expiry of a link, which no table records. A decoy is left out: it was no mail.
pub(in crate::identity) fn timeline(facts: &MailFacts) -> Vec<TimelineEntry> {
    let happened = facts.happened.iter().filter(|happened| !is_decoy(happened)).map(|happened| TimelineEntry {
        at: happened.occurred_at,
        detail: happened.detail.clone().filter(|_| SHOWN_WHOLE.contains(&happened.event)),
        event: TimelineEvent::Audited(happened.event),
        count: 1,
    });
    let swallowed = facts.swallowed.iter().map(|swallowed| TimelineEntry {
        at: swallowed.first_at,
        event: TimelineEvent::Derived(DerivedEvent::RequestsSwallowed),
        detail: Some(swallowed.outcome.as_str().to_owned()),
        count: swallowed.requests,
    });
    // No statement runs when a link expires, so no table records it. A link whose mail never went out is none.
    let sent = facts.link.as_ref().filter(|_| facts.mail.as_ref().is_some_and(Mail::was_sent));
    let unended = sent.filter(|link| link.ended_at.is_none());
    let expired_at = unended.and_then(|link| link.expires_at).filter(|expires_at| *expires_at <= facts.now);
    let expired = expired_at.map(|at| TimelineEntry {
        at,
        event: TimelineEvent::Derived(DerivedEvent::LinkExpired),
        detail: None,
        count: 1,
    });
    let mut entries: Vec<TimelineEntry> = happened.chain(swallowed).chain(expired).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    entries
}

/// Whether the entry is about a decoy. A mail is for an account, whatever became of it, and a decoy for none.
fn is_decoy(happened: &Happened) -> bool {
    let is_about_a_mail = matches!(
        happened.event,
        Event::MailHandedOver | Event::MailDeferred | Event::MailGivenUp | Event::MailDelivery
    );
    is_about_a_mail && happened.account_id.is_none()
}
