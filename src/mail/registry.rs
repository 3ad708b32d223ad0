//! The supported mail APIs.

use super::{brevo, mail_api::MailApi, mailpit, postmark, resend, sendgrid};
use crate::config::MailProviderKind;

pub(super) const fn mail_api(kind: MailProviderKind) -> &'static MailApi {
    match kind {
        MailProviderKind::Mailpit => &mailpit::API,
        MailProviderKind::Resend => &resend::API,
        MailProviderKind::Brevo => &brevo::API,
        MailProviderKind::Postmark => &postmark::API,
        MailProviderKind::SendGrid => &sendgrid::API,
    }
}
