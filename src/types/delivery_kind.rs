//! The delivery states that mail APIs report.

use super::text_enum;

text_enum! {
    /// What became of a mail, as far as its mail API knows. The order is the one in which the values can follow each
    /// other: an event that comes late never steps back (WH-04).
    pub enum DeliveryKind {
        /// The receiving server asked to be tried again.
        Deferred = "deferred",
        /// The mail was not taken this time, and the mail API has stopped trying: a full mailbox, a policy.
        BouncedSoft = "bounced_soft",
        /// The receiving server took the mail.
        Delivered = "delivered",
        /// The receiving server refused the mail for good, or sent it back after taking it.
        BouncedHard = "bounced_hard",
        /// The recipient called the mail spam.
        Complained = "complained",
    }
}

impl DeliveryKind {
    /// Whether the mail came back, or was not taken.
    #[must_use]
    pub const fn is_bounce(self) -> bool {
        matches!(self, Self::BouncedSoft | Self::BouncedHard)
    }
}
