//! What becomes of mails at the providers of the recipients' mailboxes.
//!
//! A provider is a label where it is one of those that everybody knows, or one of the largest domains of the own accounts.
//! A domain with few accounts is none: it could be that of one person (LO-08). All together are no more than
//! [`MOST_MAILBOX_PROVIDERS`] while the process runs.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use super::definition::{Counters, Definitions, Gauges, Histograms, Label, OTHER, words};
use crate::types::DeliveryKind;

/// How many providers have a label of their own. The others are "other" together.
pub const MOST_MAILBOX_PROVIDERS: usize = 20;
/// How many accounts a domain has at least that becomes a label.
pub const LEAST_ACCOUNTS: i64 = 100;

/// The providers that always have a label, each with its domains.
const WELL_KNOWN: [(&str, &[&str]); 10] = [
    ("aol.com", &["aol.com", "aol.de"]),
    ("gmail.com", &["gmail.com", "googlemail.com"]),
    ("gmx.net", &["gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.com"]),
    ("icloud.com", &["icloud.com", "me.com", "mac.com"]),
    ("outlook.com", &["outlook.com", "outlook.de", "hotmail.com", "hotmail.de", "live.com", "live.de", "msn.com"]),
    ("proton.me", &["proton.me", "protonmail.com", "pm.me"]),
    ("siol.net", &["siol.net"]),
    ("t-online.de", &["t-online.de", "magenta.de"]),
    ("web.de", &["web.de", "email.de"]),
    ("yahoo.com", &["yahoo.com", "yahoo.de", "yahoo.co.uk", "ymail.com"]),
];
/// The upper bounds of the time from the hand-over to the mailbox, in seconds.
const BUCKETS: &[f64] = &[1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0];

/// What becomes of mails at the providers of the recipients' mailboxes.
#[derive(Clone)]
pub struct MailboxProviderMetrics {
    reports: Counters,
    delivery_times: Histograms,
    refusing: Gauges,
    /// The domains of the own accounts that are labels.
    own: Arc<RwLock<BTreeSet<String>>>,
}

impl MailboxProviderMetrics {
    pub(super) fn define(definitions: &Definitions<'_>) -> Result<Self, prometheus::Error> {
        let provider = || Label::open("mailbox_provider", WELL_KNOWN.map(|(name, _)| name));
        Ok(Self {
            reports: definitions.counters(
                "stakis_mail_deliveries_total",
                "What mail APIs have reported of mails, by the provider of the mailbox.",
                &[provider(), Label::closed("result", words!(DeliveryKind))],
            )?,
            delivery_times: definitions.histograms(
                "stakis_mail_delivery_seconds",
                "The time from the hand-over of a mail to its delivery, by the provider of the mailbox.",
                BUCKETS,
                &[provider()],
            )?,
            refusing: definitions.gauges(
                "stakis_mailbox_provider_refuses",
                "1 while a provider of mailboxes refuses a large share of the mails.",
                &[provider()],
            )?,
            own: Arc::default(),
        })
    }

    /// Makes the largest domains of the own accounts labels, the largest first, as long as there is room. A domain that has
    /// become one stays one.
    pub fn know(&self, domains: &[String]) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        for domain in domains.iter().filter(|domain| well_known(domain).is_none() && is_plain(domain)) {
            if own.len() < MOST_MAILBOX_PROVIDERS - WELL_KNOWN.len() && own.insert(domain.clone()) {
                for kind in DeliveryKind::ALL {
                    self.reports.expect(&[domain, kind.as_str()]);
                }
                self.delivery_times.expect(&[domain]);
                self.refusing.expect(&[domain]);
            }
        }
    }

    /// The label of the provider of a domain.
    #[must_use]
    pub fn label_of(&self, domain: &str) -> String {
        if let Some(name) = well_known(domain) {
            return name.to_owned();
        }
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        own.get(domain).cloned().unwrap_or_else(|| OTHER.to_owned())
    }

    /// Counts a report about a mail. `label` comes from [`Self::label_of`]; `after` is the time since the hand-over.
    pub fn reported(&self, label: &str, kind: DeliveryKind, after: Option<Duration>) {
        self.reports.count(&[label, kind.as_str()]);
        if let (DeliveryKind::Delivered, Some(after)) = (kind, after) {
            self.delivery_times.observe(&[label], after);
        }
    }

    /// Stores whether a provider refuses a large share of the mails.
    pub fn set_refuses(&self, label: &str, refuses: bool) {
        self.refusing.set(&[label], i64::from(refuses));
    }
}

fn well_known(domain: &str) -> Option<&'static str> {
    WELL_KNOWN.iter().find(|(_, domains)| domains.contains(&domain)).map(|(name, _)| *name)
}

/// Whether a domain consists of the characters of host names alone.
fn is_plain(domain: &str) -> bool {
    let is_of_host = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    domain.contains('.') && domain.len() <= 253 && domain.bytes().all(is_of_host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Known, Metrics, Readings};

    #[test]
    fn op_06_no_more_than_twenty_providers_are_labels() {
        let metrics = Metrics::new(chrono::DateTime::UNIX_EPOCH.naive_utc(), &Known::default()).unwrap();
        let providers = &metrics.mailbox_providers;
        assert_eq!(providers.label_of("hotmail.com"), "outlook.com");
        assert_eq!(providers.label_of("podjetje0.si"), "other");
        let domains: Vec<String> = (0..30).map(|index| format!("podjetje{index}.si")).collect();
        providers.know(&["gmail.com".to_owned(), "no_host!.si".to_owned()]);
        providers.know(&domains);
        providers.know(&domains[20..]);
        assert_eq!(providers.label_of("podjetje9.si"), "podjetje9.si");
        for beyond in ["podjetje10.si", "podjetje29.si", "no_host!.si"] {
            assert_eq!(providers.label_of(beyond), "other");
        }
        providers.reported("podjetje9.si", DeliveryKind::Delivered, Some(Duration::from_secs(2)));
        providers.reported("ana.si", DeliveryKind::BouncedHard, None);
        let text = metrics.text(&Readings::default()).unwrap();
        let labels = text.lines().filter(|line| line.starts_with("stakis_mailbox_provider_refuses{")).count();
        assert_eq!(labels, MOST_MAILBOX_PROVIDERS + 1);
        for line in [
            r#"stakis_mail_deliveries_total{mailbox_provider="other",result="bounced_hard"} 1"#,
            r#"stakis_mail_deliveries_total{mailbox_provider="podjetje9.si",result="delivered"} 1"#,
            r#"stakis_mail_delivery_seconds_bucket{mailbox_provider="podjetje9.si",le="1"} 0"#,
            r#"stakis_mail_delivery_seconds_bucket{mailbox_provider="podjetje9.si",le="5"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing:\n{text}");
        }
    }
}
