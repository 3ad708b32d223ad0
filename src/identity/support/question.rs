//! What support asks.

use chrono::TimeDelta;

use crate::types::{CustomerNumber, EmailAddress};

/// How far back the answer reaches. Support is not asked about older requests.
pub(super) const LOOKED_BACK: TimeDelta = TimeDelta::days(30);

/// What support asks.
#[derive(Clone)]
pub struct Question {
    /// The customer number that the customer gave.
    pub number: CustomerNumber,
    /// The address that the customer gave, if any.
    pub email: Option<EmailAddress>,
}
