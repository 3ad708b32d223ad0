//! What a mail API tells of a mail after it took it.

use super::text_column;

/// What became of a mail, as far as its mail API knows.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub enum DeliveryKind {
    // In the order in which they can follow each other: an event that comes late never steps back (WH-04).
    /// The receiving server asked to be tried again.
    Deferred,
    /// It was not taken this time, and the mail API has stopped trying: a full mailbox, a policy.
    BouncedSoft,
    /// The receiving server took it.
    Delivered,
    /// The receiving server refused it for good, or sent it back after taking it.
    BouncedHard,
    /// The recipient called it spam.
    Complained,
}

impl DeliveryKind {
    const ALL: [Self; 5] =
        [Self::Deferred, Self::BouncedSoft, Self::Delivered, Self::BouncedHard, Self::Complained];

    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deferred => "deferred",
            Self::BouncedSoft => "bounced_soft",
            Self::Delivered => "delivered",
            Self::BouncedHard => "bounced_hard",
            Self::Complained => "complained",
        }
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or("unknown delivery kind")
    }
}

text_column!(DeliveryKind);
