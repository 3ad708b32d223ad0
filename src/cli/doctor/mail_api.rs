//! Whether each mail API takes the credentials of the settings. Nothing is sent.

use super::finding::Finding;
use crate::{
    config::{Config, MailConfig},
    mail::{Credentials, check_credentials},
};

const CHECK: &str = "mail_api";
const FALLBACK: &str = "mail_api.fallback";

pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let mut findings = vec![of_one(CHECK, &config.mail).await];
    findings.push(match &config.mail_fallback {
        Some(fallback) => of_one(FALLBACK, fallback).await,
        None => Finding::skipped(FALLBACK, "there is none: mails wait while the first one fails"),
    });
    findings
}

async fn of_one(check: &'static str, mail: &MailConfig) -> Finding {
    let provider = mail.provider;
    let credentials = match check_credentials(mail).await {
        Ok(Some(credentials)) => credentials,
        Ok(None) => return Finding::skipped(check, "mails go to the mailbox of development"),
        Err(fault) => {
            return Finding::error(check, fault.chain(), "Look at the certificates of this machine.");
        }
    };
    let domain = mail.from.domain();
    match credentials {
        Credentials::Right => Finding::ok(check, format!("{provider} takes the key")),
        Credentials::RightForSendingAlone => {
            Finding::ok(check, format!("{provider} takes the key, which can look nothing up"))
        }
        Credentials::SenderUnverified => Finding::error(
            check,
            format!("{provider} takes the key, and has not verified {domain}"),
            format!("Verify {domain} at {provider}, or send from a domain that is verified."),
        ),
        Credentials::MayNotSend => Finding::error(
            check,
            format!("{provider} takes the key, which may not send"),
            "Give the key the right to send mail.",
        ),
        Credentials::Refused(error) => Finding::error(
            check,
            format!("{provider} refuses the key: {error}"),
            "Look at the key, and at the addresses from which the provider lets it be used.",
        ),
        Credentials::NoAnswer(error) => Finding::error(
            check,
            format!("{provider} does not answer: {error}"),
            "Look at the way out of this machine: name servers, firewall, HTTPS_PROXY.",
        ),
        Credentials::Unclear(error) => Finding::warning(
            check,
            format!("{provider} does not say whether the key is right: {error}"),
            "Try again later, and look at the provider's status page.",
        ),
    }
}
