//! Brevo: sending mails, and its delivery events.

mod credentials;
mod events;
mod send;

use super::{delivery::EventProof, mail_api::MailApi};

pub(super) const API: MailApi = MailApi {
    request: send::request,
    classify: send::classify,
    credentials: credentials::CALL,
    proof: EventProof::Basic,
    events: |body, _, _| events::read(body),
};
