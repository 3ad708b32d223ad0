//! Resend's list of domains: `GET /domains` (resend.com/docs/api-reference/domains/list-domains).

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
    let request = account.client.get("domains");
    match &account.api_key {
        Some(key) => request.bearer_auth(key),
        None => request,
    }
}

fn classify(answer: &Answer, from: &EmailAddress) -> Credentials {
    let name = answer.code("/name");
    if name == "restricted_api_key" {
        return Credentials::RightForSendingAlone;
    }
    if !answer.status.is_success() {
        return Credentials::by_status(answer, &name);
    }
    let domains = answer.body.pointer("/data").and_then(Value::as_array).into_iter().flatten();
    let domain = from.domain();
    let ours = domains.into_iter().find(|one| one.get("name").and_then(Value::as_str) == Some(domain.as_str()));
    let is_cut = answer.body.pointer("/has_more") == Some(&Value::Bool(true));
    match ours.and_then(|one| one.get("status").and_then(Value::as_str)) {
        Some("verified") => Credentials::Right,
        None if is_cut => Credentials::RightForSendingAlone,
        _ => Credentials::SenderUnverified,
    }
}
