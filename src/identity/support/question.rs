//! The question of support.

use chrono::TimeDelta;

use crate::types::{CustomerNumber, EmailAddress};

/// How far back the answer reaches. Support is not asked about older requests.
pub(super) const LOOKED_BACK: TimeDelta = TimeDelta::days(30);

/// The question of support, why no mail reaches a customer.
#[derive(Clone)]
pub struct Question {
    /// The customer number that the customer gave.
    pub number: CustomerNumber,
    /// The address that the customer gave, if any.
    pub email: Option<EmailAddress>,
}
