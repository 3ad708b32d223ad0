//! What Mailpit says of itself: `GET /api/v1/info` (mailpit.axllent.org/docs/api-v1).

use secrecy::ExposeSecret as _;

use crate::{
    mail::{
        api_account::ApiAccount,
        credentials::{Credentials, CredentialsCall},
    },
    outbound::OutboundRequest,
};

pub(super) const CALL: CredentialsCall =
    CredentialsCall { request, classify: |answer, _| Credentials::by_status(answer, "") };

fn request(account: &ApiAccount) -> OutboundRequest {
    let request = account.client.get("api/v1/info");
    match account.api_key.as_ref().and_then(|key| key.expose_secret().split_once(':')) {
        Some((user, password)) => request.basic_auth(user, password),
        None => request,
    }
}
