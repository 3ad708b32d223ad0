//! An endpoint, for the client that it belongs to.

use crate::{
    identity::{
        refusal::{IdentityError, Refusal},
        transaction::Tx,
    },
    store::webhook_endpoints::{self, WebhookEndpoint},
    types::{ClientId, WebhookEndpointId},
};

/// Finds an endpoint of a client, and locks it until the transaction ends.
pub(super) fn lock_of(
    tx: &mut Tx<'_>,
    client: &ClientId,
    id: &WebhookEndpointId,
) -> Result<WebhookEndpoint, IdentityError> {
    let found = webhook_endpoints::lock(tx, id)?.filter(|endpoint| endpoint.client_id == *client);
    Ok(found.ok_or(Refusal::NoSuchWebhookEndpoint)?)
}
