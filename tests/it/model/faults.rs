//! The faults that are planted, one at a time: each takes away a condition or an order that the service keeps.

use super::promises::{
    COMES_TO_AN_END, ENDS_ONCE, KNOWN_BEFOREHAND, LINK_SERVES_ONCE, NO_LOST_JOB, NO_TAKEOVER, OLD_LINKS_ARE_DEAD,
    OLD_SESSIONS_ARE_DEAD, ONE_IDENTITY, ONE_LINK,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// `record_outcome` does not ask `jobs::confirm_lease`.
    LeaseIsNotConfirmed,
    /// `jobs::claim_due` passes over a lease that has run out.
    LeaseNeverEnds,
    /// A job is deleted when it is claimed, and not when its work is done.
    JobEndsWithItsClaim,
    /// `serve` goes on where `jobs::finish` finds that another worker has served the request.
    RequestIsServedTwice,
    /// `prepare` commits after the call to the mail API.
    HandedOverBeforeCommit,
    /// `mails::begin_attempt` does not store which mail API gets the mail.
    MailIsTiedToNoProvider,
    /// Each attempt has an idempotency key of its own.
    KeyOfTheAttempt,
    /// `reset_links::consume` hits a link that was used.
    LinkServesTwice,
    /// `replace_password` withdraws no other link.
    OtherLinksStayLive,
    /// `accounts::set_password` leaves the epoch as it is.
    EpochIsNotRaised,
    /// `accounts::set_signed_in` does not compare the epoch.
    SignInIsNotCheckedAgain,
    /// `change::set_password` looks neither at the epoch nor at the session.
    ChangeIsNotCheckedAgain,
}

impl Fault {
    pub(super) const ALL: [Self; 12] = [
        Self::LeaseIsNotConfirmed,
        Self::LeaseNeverEnds,
        Self::JobEndsWithItsClaim,
        Self::RequestIsServedTwice,
        Self::HandedOverBeforeCommit,
        Self::MailIsTiedToNoProvider,
        Self::KeyOfTheAttempt,
        Self::LinkServesTwice,
        Self::OtherLinksStayLive,
        Self::EpochIsNotRaised,
        Self::SignInIsNotCheckedAgain,
        Self::ChangeIsNotCheckedAgain,
    ];

    /// The promise that it breaks.
    pub(super) const fn breaks(self) -> &'static str {
        match self {
            Self::LeaseIsNotConfirmed => ENDS_ONCE,
            Self::LeaseNeverEnds => COMES_TO_AN_END,
            Self::JobEndsWithItsClaim => NO_LOST_JOB,
            Self::RequestIsServedTwice => ONE_LINK,
            Self::HandedOverBeforeCommit => KNOWN_BEFOREHAND,
            Self::MailIsTiedToNoProvider | Self::KeyOfTheAttempt => ONE_IDENTITY,
            Self::LinkServesTwice => LINK_SERVES_ONCE,
            Self::OtherLinksStayLive => OLD_LINKS_ARE_DEAD,
            Self::EpochIsNotRaised | Self::SignInIsNotCheckedAgain => OLD_SESSIONS_ARE_DEAD,
            Self::ChangeIsNotCheckedAgain => NO_TAKEOVER,
        }
    }
}
