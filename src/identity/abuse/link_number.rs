//! The customer number that has to come with the link of a mail: a mail scanner that presses a button does not know it.

use chrono::TimeDelta;

use crate::{
    config::Limit,
    identity::{
        field_error::{Field, FieldError},
        refusal::Refusal,
        transaction::{Decision, Tx},
    },
    metrics::RefusingLimit,
    store::{Allowance, StoreError, rate_limits},
    types::CustomerNumber,
};

/// How many numbers may be tried with one link. A wrong one ends nothing, and each answer tells whether it is the link's.
const TRIES: Limit = Limit { count: 5, period: TimeDelta::hours(1) };

/// The tries of numbers with one link that a wrong number does not end.
pub(in crate::identity) struct LinkNumber {
    key: String,
    limit: RefusingLimit,
}

impl LinkNumber {
    /// Counts on this key, and names this limit in the metrics.
    pub(in crate::identity) const fn counted_on(key: String, limit: RefusingLimit) -> Self {
        Self { key, limit }
    }

    /// Compares the number with that of the link.
    pub(in crate::identity) fn check(
        &self,
        tx: &mut Tx<'_>,
        given: &CustomerNumber,
        of_link: &CustomerNumber,
    ) -> Result<Decision<()>, StoreError> {
        if let Allowance::Exhausted(wait) = rate_limits::take_token(tx, &self.key, TRIES)? {
            tx.note_refusal(self.limit);
            return Ok(Decision::Refused(Refusal::TooManyAttempts(wait)));
        }
        if given != of_link {
            return Ok(Decision::Refused(Refusal::Invalid(vec![FieldError::customer_number_mismatch()])));
        }
        Ok(Decision::Done(()))
    }

    /// Forgets the tries, once the link is used.
    pub(in crate::identity) fn forget(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        rate_limits::delete(tx, &self.key)
    }
}

/// The token and the customer number that a page sends for the link of a mail. A field that is missing is `None`.
pub struct LinkForm {
    /// The token of the link.
    pub token: Option<String>,
    /// The customer number that the mail was sent for.
    pub customer_number: Option<String>,
}

impl LinkForm {
    /// The token, and the number, which counts once the link is known to be one.
    pub(in crate::identity) fn read(&self) -> Result<(&str, Result<CustomerNumber, Refusal>), Refusal> {
        let number = FieldError::check_customer_number(self.customer_number.as_deref());
        let Some(token) = self.token.as_deref() else {
            let errors = [Some(FieldError::required(Field::Token)), number.err()].into_iter().flatten();
            return Err(Refusal::Invalid(errors.collect()));
        };
        Ok((token, number.map_err(|error| Refusal::Invalid(vec![error]))))
    }
}
