//! What the domain of the sender publishes, and whether links lead to where mails come from.

use super::{
    domains::{Dkim, Dmarc, Spf, belong_together, parents},
    finding::Finding,
};
use crate::{
    config::{Config, MailConfig, MailProviderKind},
    outbound::{LookUpFailure, NameServers},
};

const SPF: &str = "dns.spf";
const DKIM: &str = "dns.dkim";
const DMARC: &str = "dns.dmarc";
const LINK: &str = "dns.link";

pub(super) async fn check(config: &Config, servers: &NameServers, selectors: &[String]) -> Vec<Finding> {
    let all = [Some(&config.mail), config.mail_fallback.as_ref()].into_iter().flatten();
    let real: Vec<&MailConfig> = all.filter(|mail| mail.provider != MailProviderKind::Mailpit).collect();
    let Some(first) = real.first() else {
        return vec![Finding::skipped("dns", "mailpit delivers nothing")];
    };
    let mut findings = Vec::new();
    let mut domains: Vec<String> = real.iter().map(|mail| mail.from.domain()).collect();
    domains.dedup();
    for domain in &domains {
        findings.push(spf(servers, domain).await);
        findings.push(dmarc(servers, domain).await);
    }
    for mail in &real {
        findings.push(dkim(servers, mail, selectors).await);
    }
    findings.push(link(config, &first.from.domain()));
    findings
}

fn unanswered(check: &'static str, name: &str, failure: LookUpFailure) -> Finding {
    Finding::skipped(check, format!("{name}: {failure}"))
}

async fn spf(servers: &NameServers, domain: &str) -> Finding {
    let texts = match servers.texts(domain).await {
        Ok(texts) => texts,
        Err(failure) => return unanswered(SPF, domain, failure),
    };
    match Spf::of(&texts) {
        Spf::Present(record) => Finding::ok(SPF, format!("{domain}: {record}")),
        Spf::Missing => Finding::warning(
            SPF,
            format!("{domain} does not say who may send for it"),
            "Publish the text that the provider of the mail API names.",
        ),
        Spf::Several => Finding::error(
            SPF,
            format!("{domain} has several texts that begin with v=spf1, so receivers take none (RFC 7208 §4.5)"),
            "Make one of them.",
        ),
        Spf::Everybody => Finding::error(
            SPF,
            format!("{domain} lets everybody send for it (all, +all)"),
            "End the text with ~all or -all.",
        ),
    }
}

/// The selectors that a provider uses; none where each account has its own.
const fn usual_selectors(provider: MailProviderKind) -> &'static [&'static str] {
    match provider {
        MailProviderKind::Resend => &["resend"],
        MailProviderKind::Brevo => &["brevo1", "brevo2", "mail"],
        MailProviderKind::SendGrid => &["s1", "s2"],
        MailProviderKind::Postmark | MailProviderKind::Mailpit => &[],
    }
}

async fn dkim(servers: &NameServers, mail: &MailConfig, given: &[String]) -> Finding {
    let (domain, provider) = (mail.from.domain(), mail.provider);
    let usual = || usual_selectors(provider).iter().map(|name| (*name).to_owned()).collect();
    let selectors: Vec<String> = if given.is_empty() { usual() } else { given.to_vec() };
    if selectors.is_empty() {
        return Finding::skipped(
            DKIM,
            format!("each account at {provider} has a selector of its own: --dkim-selector"),
        );
    }
    let mut revoked = None;
    for selector in &selectors {
        let name = format!("{selector}._domainkey.{domain}");
        match servers.texts(&name).await.map(|texts| Dkim::of(&texts)) {
            Ok(Dkim::Present) => return Finding::ok(DKIM, format!("a key at {name}")),
            Ok(Dkim::Revoked) => revoked = Some(name),
            Ok(Dkim::Missing) => {}
            Err(failure) => return unanswered(DKIM, &name, failure),
        }
    }
    let advice = format!("Publish the key that {provider} names for {domain}: without it, mail looks forged.");
    match revoked {
        Some(name) => Finding::error(DKIM, format!("the key at {name} was withdrawn: it is empty"), advice),
        None if given.is_empty() => Finding::warning(
            DKIM,
            format!("no key of {domain} at the usual selectors of {provider}: {}", selectors.join(", ")),
            format!("{advice} Where the selector is another one, name it by --dkim-selector."),
        ),
        None => Finding::error(DKIM, format!("no key of {domain} at {}", selectors.join(", ")), advice),
    }
}

async fn dmarc(servers: &NameServers, domain: &str) -> Finding {
    for name in std::iter::once(domain).chain(parents(domain)) {
        let texts = match servers.texts(&format!("_dmarc.{name}")).await {
            Ok(texts) => texts,
            Err(failure) => return unanswered(DMARC, name, failure),
        };
        match Dmarc::of(&texts, name != domain) {
            Dmarc::Missing => {}
            Dmarc::Asking(policy) => return Finding::ok(DMARC, format!("_dmarc.{name} asks for {policy}")),
            Dmarc::Watching => {
                return Finding::warning(
                    DMARC,
                    format!("_dmarc.{name} asks for nothing but reports (p=none)"),
                    "Ask for quarantine once the reports show that all mail of the domain is signed, then for reject.",
                );
            }
            Dmarc::Several => {
                return Finding::error(
                    DMARC,
                    format!("_dmarc.{name} has several records, so receivers take none (RFC 7489 §6.6.3)"),
                    "Leave one of them.",
                );
            }
            Dmarc::Broken => {
                return Finding::error(
                    DMARC,
                    format!("_dmarc.{name} has a record without a policy"),
                    "Publish v=DMARC1; p=quarantine, or p=reject.",
                );
            }
        }
    }
    Finding::warning(
        DMARC,
        format!("{domain} does not say what becomes of forged mail"),
        format!(
            "Publish v=DMARC1; p=none; rua=mailto:… at _dmarc.{domain}, read the reports, then ask for quarantine."
        ),
    )
}

/// Filters and people distrust a mail whose links lead to another domain than that of its sender.
fn link(config: &Config, domain: &str) -> Finding {
    let of_reset = config.reset_url.as_ref().and_then(|template| host_of(template));
    let of_public = config.public_url.as_ref().and_then(|url| url.host_str().map(str::to_owned));
    let Some(host) = of_reset.or(of_public) else {
        return Finding::skipped(LINK, "STAKIS_PUBLIC_URL is not set");
    };
    if belong_together(&host, domain) {
        return Finding::ok(LINK, format!("links lead to {host}, and mail comes from {domain}"));
    }
    Finding::warning(
        LINK,
        format!("links lead to {host}, and mail comes from {domain}"),
        "Send from a domain to which the links lead, or let them lead to one of the sender's.",
    )
}

fn host_of(template: &str) -> Option<String> {
    let url = url::Url::parse(&template.replace("{token}", "token")).ok()?;
    url.host_str().map(str::to_owned)
}
