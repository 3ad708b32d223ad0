//! Whether the mail APIs can report bounces.

use super::finding::Finding;
use crate::config::{Config, MailConfig, MailProviderKind};

pub(super) fn check(config: &Config) -> Vec<Finding> {
    [Some(&config.mail), config.mail_fallback.as_ref()].into_iter().flatten().map(of_one).collect()
}

fn of_one(mail: &MailConfig) -> Finding {
    const CHECK: &str = "mail_events";
    let provider = mail.provider;
    match &mail.webhook_secret {
        Some(_) => Finding::ok(CHECK, format!("{provider} reports to /v1/mail-events/{provider}")),
        None if provider == MailProviderKind::Mailpit => Finding::skipped(CHECK, "mailpit delivers nothing"),
        None => Finding::warning(
            CHECK,
            format!("what becomes of mails through {provider} is not reported"),
            "Set the secret of its webhook (docs/mail.md): bounces are then seen, and support can tell what happened.",
        ),
    }
}
