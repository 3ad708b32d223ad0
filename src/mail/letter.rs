//! What a mail is made from.

use super::topic::Topic;
use crate::{
    brand::Brand,
    types::{EmailAddress, Locale, MailId, UtcTime},
};

/// The contents of a mail. They do not depend on the time of sending, so that every attempt sends the same bytes.
pub(crate) struct Letter<'a> {
    /// The mail's id, shown at its end: support can ask for it.
    pub(crate) id: &'a MailId,
    /// The address on file.
    pub(crate) to: &'a EmailAddress,
    /// The account's language.
    pub(crate) locale: Locale,
    /// The end of the customer number; a mail shows no more of it (ML-06).
    pub(crate) last_two_digits: &'a str,
    /// When that happened which the mail tells.
    pub(crate) told_at: UtcTime,
    /// Whose service this is.
    pub(crate) brand: &'a Brand,
    pub(crate) topic: Topic<'a>,
}
