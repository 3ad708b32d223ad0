//! Resend: sending mails, and its delivery events.

mod events;
mod send;

use super::mail_api::MailApi;

pub(super) const API: MailApi = MailApi {
    request: send::request,
    classify: send::classify,
    authenticate: events::authenticate,
    events: |body, incoming, _| events::read(body, incoming),
};
