//! The description of a mail API, taken from its documentation.

use serde_json::Value;
use stakis_identity::config::MailProviderKind;
use wiremock::ResponseTemplate;

/// A mail API as its documentation describes it.
pub(super) struct Api {
    pub(super) kind: MailProviderKind,
    pub(super) path: &'static str,
    pub(super) key: &'static str,
    /// The header that authenticates the service.
    pub(super) opened_by: (&'static str, &'static str),
    /// The JSON schema of the request.
    pub(super) request: fn() -> Value,
    /// The place of the recipient's address.
    pub(super) recipient_at: &'static str,
    /// The place of the address that answers go to.
    pub(super) reply_to_at: &'static str,
    /// The place of the header field `Auto-Submitted`.
    pub(super) auto_submitted_at: &'static str,
    /// The places of the mail's id.
    pub(super) ids_at: &'static [&'static str],
    /// The places and values of the switches that turn tracking off.
    pub(super) untracked: &'static [(&'static str, &'static str)],
    /// The answer that accepts the mail.
    pub(super) accepts: fn() -> ResponseTemplate,
    /// The provider's id for the mail in that answer.
    pub(super) accepted_as: &'static str,
    /// Other published answers, and their effect on the mail.
    pub(super) others: fn() -> Vec<(ResponseTemplate, Fate)>,
}

/// The effect of an answer on a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The mail is handed over.
    Out,
    /// The mail is tried again after this many seconds.
    Later(i64),
    /// This mail and all others wait until an operator has solved a problem.
    Mending,
    /// The mail is given up, and mail to its address is paused.
    BadAddress,
    /// The mail is given up.
    Refused,
}

pub(super) fn answer(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}
