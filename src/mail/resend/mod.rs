//! Resend: sending mails, and its delivery events.

mod credentials;
mod events;
mod send;

use super::{delivery::EventProof, mail_api::MailApi};

pub(super) const API: MailApi = MailApi {
    request: send::request,
    classify: send::classify,
    credentials: credentials::CALL,
    proof: EventProof::Signature { claim: events::check_claim, verify: events::verify },
    events: |body, incoming, _| events::read(body, incoming),
};
