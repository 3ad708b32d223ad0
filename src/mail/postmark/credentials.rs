//! Postmark's server: `GET /server` (postmarkapp.com/developer/api/server-api).

use secrecy::ExposeSecret as _;

use crate::{
    mail::{
        answer::Answer,
        api_account::ApiAccount,
        credentials::{Credentials, CredentialsCall},
    },
    outbound::OutboundRequest,
    types::EmailAddress,
};

pub(super) const CALL: CredentialsCall = CredentialsCall { request, classify };

fn request(account: &ApiAccount) -> OutboundRequest {
    let request = account.client.get("server").header("Accept", "application/json");
    match &account.api_key {
        Some(key) => request.header("X-Postmark-Server-Token", key.expose_secret()),
        None => request,
    }
}

fn classify(answer: &Answer, _: &EmailAddress) -> Credentials {
    match answer.code("/ErrorCode").as_str() {
        // A wrong or missing token, by whichever status.
        code @ "10" => Credentials::Refused(answer.error(code)),
        code => Credentials::by_status(answer, code),
    }
}
