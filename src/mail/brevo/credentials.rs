//! Brevo's account: `GET /v3/account` (developers.brevo.com/reference/get-account).

use secrecy::ExposeSecret as _;

use crate::{
    mail::{
        api_account::ApiAccount,
        credentials::{Credentials, CredentialsCall},
    },
    outbound::OutboundRequest,
};

pub(super) const CALL: CredentialsCall =
    CredentialsCall { request, classify: |answer, _| Credentials::by_status(answer, &answer.code("/code")) };

fn request(account: &ApiAccount) -> OutboundRequest {
    let request = account.client.get("v3/account");
    match &account.api_key {
        Some(key) => request.header("api-key", key.expose_secret()),
        None => request,
    }
}
