//! How often one machine client may ask, and about how many customers (AD-10).

use crate::{
    app::App,
    identity::{abuse::client_limits::refuse_client, refusal::IdentityError, transaction::Decision},
    metrics::{Alarm, RefusingLimit},
    store::{Allowance, rate_limits, tried_numbers},
    types::{ClientId, CustomerNumber, RequestContext},
};

/// Counts a question of a client. A client that goes through the customer numbers raises an alarm, as a source does
/// (RL-05): a thief of its secret would learn which numbers are customers.
pub(super) async fn count_question(
    app: &App,
    context: &RequestContext,
    client: &ClientId,
    number: &CustomerNumber,
) -> Result<(), IdentityError> {
    let limits = &app.config.limits;
    let (questions, numbers) = (limits.support_diagnosis, limits.support_numbers);
    if questions.is_none() && numbers.is_none() {
        return Ok(());
    }
    let (key, number) = (format!("support/{client}"), number.clone());
    app.decide(context, move |tx| {
        if let Some(limit) = questions
            && let Allowance::Exhausted(wait) = rate_limits::take_token(tx, &key, limit)?
        {
            return Ok(refuse_client(tx, &key, RefusingLimit::SupportDiagnosis, wait, None)?);
        }
        if let Some(limit) = numbers
            && let Allowance::Exhausted(wait) = tried_numbers::admit(tx, &key, &number, limit)?
        {
            let alarm = (Alarm::Walk, "one client goes through many customer numbers");
            return Ok(refuse_client(tx, &key, RefusingLimit::SupportNumbers, wait, Some(alarm))?);
        }
        Ok(Decision::Done(()))
    })
    .await
}
