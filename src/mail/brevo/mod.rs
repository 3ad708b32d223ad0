//! Brevo: sending mails, and its delivery events.

mod events;
mod send;

use super::mail_api::MailApi;

pub(super) const API: MailApi = MailApi {
    request: send::request,
    classify: send::classify,
    authenticate: |secret, incoming, _| incoming.check_basic(secret),
    events: |body, _, _| events::read(body),
};
