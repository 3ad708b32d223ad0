//! How often one machine client may ask, and about how many customers (AD-10).

use crate::{
    app::App,
    identity::{abuse::client_limits, refusal::IdentityError},
    types::{ClientId, CustomerNumber, RequestContext},
};

/// Counts a question of a client about a number.
pub(super) async fn count_question(
    app: &App,
    context: &RequestContext,
    client: &ClientId,
    number: &CustomerNumber,
) -> Result<(), IdentityError> {
    let limits = &app.config.limits;
    if limits.support_diagnosis.is_none() && limits.support_numbers.is_none() {
        return Ok(());
    }
    let (client, number) = (client.clone(), number.clone());
    app.decide(context, move |tx| Ok(client_limits::count_question(tx, &client, number.as_str())?)).await
}
