//! One file a mail API: `request` writes its request, `classify` reads its answer.

mod brevo;
mod mailpit;
mod postmark;
mod resend;
mod sendgrid;
#[cfg(test)]
mod testing;

use reqwest::{Client, RequestBuilder};
use secrecy::SecretString;
use url::Url;

use super::{
    hand_over::{Answer, HandOver},
    provider::OutgoingMail,
};
use crate::{config::MailProviderKind, types::EmailAddress};

/// The sender's name.
const SENDER: &str = "STAkis";

/// What a request is written with.
pub(super) struct Desk<'a> {
    pub(super) client: &'a Client,
    pub(super) api_url: &'a Url,
    pub(super) api_key: Option<&'a SecretString>,
    pub(super) from: &'a EmailAddress,
}

impl Desk<'_> {
    /// The base address with a path laid on, whether or not it ends in a slash.
    fn endpoint(&self, path: &str) -> String {
        format!("{}/{path}", self.api_url.as_str().trim_end_matches('/'))
    }
}

pub(super) fn request(kind: MailProviderKind, desk: &Desk<'_>, mail: &OutgoingMail) -> RequestBuilder {
    match kind {
        MailProviderKind::Mailpit => mailpit::request(desk, mail),
        MailProviderKind::Resend => resend::request(desk, mail),
        MailProviderKind::Brevo => brevo::request(desk, mail),
        MailProviderKind::Postmark => postmark::request(desk, mail),
        MailProviderKind::SendGrid => sendgrid::request(desk, mail),
    }
}

pub(super) fn classify(kind: MailProviderKind, answer: &Answer) -> HandOver {
    match kind {
        MailProviderKind::Mailpit => mailpit::classify(answer),
        MailProviderKind::Resend => resend::classify(answer),
        MailProviderKind::Brevo => brevo::classify(answer),
        MailProviderKind::Postmark => postmark::classify(answer),
        MailProviderKind::SendGrid => sendgrid::classify(answer),
    }
}
