//! What a key of SendGrid may do: `GET /v3/scopes`
//! (twilio.com/docs/sendgrid/api-reference/api-key-permissions/retrieve-a-list-of-scopes-for-which-this-user-has-access).

use serde_json::Value;

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
    let request = account.client.get("v3/scopes");
    match &account.api_key {
        Some(key) => request.bearer_auth(key),
        None => request,
    }
}

fn classify(answer: &Answer, _: &EmailAddress) -> Credentials {
    if !answer.status.is_success() {
        return Credentials::by_status(answer, "");
    }
    let scopes = answer.body.pointer("/scopes").and_then(Value::as_array).into_iter().flatten();
    if scopes.into_iter().any(|scope| scope.as_str() == Some("mail.send")) {
        Credentials::Right
    } else {
        Credentials::MayNotSend
    }
}
