//! What support asks.

use chrono::TimeDelta;

use crate::types::{CustomerNumber, EmailAddress};

/// Older requests are nobody's question any more.
pub(super) const LOOKED_BACK: TimeDelta = TimeDelta::days(30);

/// What support asks.
#[derive(Clone)]
pub struct Question {
    /// The number the customer gave.
    pub number: CustomerNumber,
    /// The address the customer gave, if any.
    pub email: Option<EmailAddress>,
}
