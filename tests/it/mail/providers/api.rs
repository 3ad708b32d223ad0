//! What is known of a mail API from its documentation.

use serde_json::Value;
use stakis_identity::config::MailProviderKind;
use wiremock::ResponseTemplate;

/// A mail API as its documentation describes it.
pub(super) struct Api {
    pub(super) kind: MailProviderKind,
    pub(super) path: &'static str,
    pub(super) key: &'static str,
    /// The header that authenticates.
    pub(super) opened_by: (&'static str, &'static str),
    /// The JSON schema of the request.
    pub(super) request: fn() -> Value,
    /// The place of the recipient's address.
    pub(super) recipient_at: &'static str,
    /// The places of the mail's id.
    pub(super) ids_at: &'static [&'static str],
    /// The places and values of the switches that turn tracking off.
    pub(super) untracked: &'static [(&'static str, &'static str)],
    /// The answer that takes the mail.
    pub(super) accepts: fn() -> ResponseTemplate,
    /// The provider's id for the mail in that answer.
    pub(super) accepted_as: &'static str,
    /// Other published answers, and what becomes of the mail.
    pub(super) others: fn() -> Vec<(ResponseTemplate, Fate)>,
}

/// What becomes of a mail after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is handed over.
    Out,
    /// It is tried again after this many seconds.
    Later(i64),
    /// It waits until an operator has solved a problem, and so do all others.
    Mending,
    /// It is given up, and mail to its address is paused.
    BadAddress,
    /// It is given up.
    Refused,
}

pub(super) fn answer(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}
