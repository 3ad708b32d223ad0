//! What the texts of a domain say about its mail: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489).

/// What the texts of a domain say of who may send for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spf {
    Missing,
    /// Receivers refuse to choose (RFC 7208 §4.5).
    Several,
    /// Everybody may.
    Everybody,
    Present(String),
}

impl Spf {
    pub(super) fn of(texts: &[String]) -> Self {
        let is_spf = |text: &&String| text.split_whitespace().next().is_some_and(|word| word == "v=spf1");
        let records: Vec<&String> = texts.iter().filter(is_spf).collect();
        match records.as_slice() {
            [] => Self::Missing,
            [one] if one.split_whitespace().any(|word| matches!(word, "all" | "+all")) => Self::Everybody,
            [one] => Self::Present((*one).clone()),
            _ => Self::Several,
        }
    }
}

/// What the texts of a selector say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dkim {
    Missing,
    /// The key was withdrawn (RFC 6376 §3.6.1).
    Revoked,
    Present,
}

impl Dkim {
    pub(super) fn of(texts: &[String]) -> Self {
        let keys: Vec<&str> = texts.iter().filter_map(|text| tag(text, "p")).collect();
        match keys.as_slice() {
            [] => Self::Missing,
            keys if keys.iter().all(|key| key.is_empty()) => Self::Revoked,
            _ => Self::Present,
        }
    }
}

/// What the texts of `_dmarc` ask receivers to do with mail that nobody answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dmarc {
    Missing,
    /// Receivers take none (RFC 7489 §6.6.3).
    Several,
    /// Nothing but reports.
    Watching,
    /// Quarantine or refusal.
    Asking(String),
    /// The record has no policy that is known.
    Broken,
}

impl Dmarc {
    /// `is_parent` where the record is that of a domain above, which may have a policy of its own for the ones below.
    pub(super) fn of(texts: &[String], is_parent: bool) -> Self {
        let records: Vec<&String> = texts.iter().filter(|text| tag(text, "v") == Some("DMARC1")).collect();
        let record = match records.as_slice() {
            [] => return Self::Missing,
            [one] => one,
            _ => return Self::Several,
        };
        let below = tag(record, "sp").filter(|_| is_parent);
        match below.or_else(|| tag(record, "p")).map(str::to_lowercase) {
            Some(policy) if policy == "none" => Self::Watching,
            Some(policy) if matches!(policy.as_str(), "quarantine" | "reject") => Self::Asking(policy),
            _ => Self::Broken,
        }
    }
}

/// A tag of a list such as `v=DKIM1; k=rsa; p=…` (RFC 6376 §3.2).
fn tag<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let tags = text.split(';').filter_map(|part| part.split_once('='));
    tags.map(|(tag, value)| (tag.trim(), value.trim())).find(|(tag, _)| *tag == name).map(|(_, value)| value)
}

/// The names above a domain that may have a policy for it: each with one part less, down to two.
pub(super) fn parents(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |name| above(name)).skip(1)
}

fn above(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, above)| above).filter(|above| above.contains('.'))
}

/// Whether two names belong together for a reader: one is the other or lies below it, or both lie below one name of at
/// least two parts, as `mail.example.com` and `www.example.com` do.
pub(super) fn belong_together(one: &str, other: &str) -> bool {
    let last_two = |name: &str| {
        let parts: Vec<&str> = name.rsplit('.').take(2).collect();
        parts.join(".")
    };
    let is_within = |inner: &str, outer: &str| inner == outer || inner.ends_with(&format!(".{outer}"));
    is_within(one, other) || is_within(other, one) || last_two(one) == last_two(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn op_11_spf_is_one_text_that_names_some_alone() {
        let of = |all: &[&str]| Spf::of(&texts(all));
        assert_eq!(of(&["google-site-verification=x", "v=spf10 -all"]), Spf::Missing);
        assert_eq!(of(&["v=spf1 -all", "v=spf1 include:sendgrid.net ~all"]), Spf::Several);
        assert_eq!(of(&["v=spf1 mx +all"]), Spf::Everybody);
        assert_eq!(of(&["v=spf1 all"]), Spf::Everybody);
        let good = "v=spf1 include:amazonses.com ~all";
        assert_eq!(of(&["x", good]), Spf::Present(good.to_owned()));
    }

    #[test]
    fn op_11_a_dkim_key_that_is_empty_was_withdrawn() {
        let of = |all: &[&str]| Dkim::of(&texts(all));
        assert_eq!(of(&[]), Dkim::Missing);
        assert_eq!(of(&["v=DKIM1; k=rsa; p="]), Dkim::Revoked);
        assert_eq!(of(&["k=rsa;p=MIGfMA0GCSqGSIb3DQEB"]), Dkim::Present);
    }

    #[test]
    fn op_11_a_dmarc_policy_is_that_of_the_domain_or_of_one_above() {
        let of = |all: &[&str], is_parent| Dmarc::of(&texts(all), is_parent);
        assert_eq!(of(&["v=spf1 -all"], false), Dmarc::Missing);
        assert_eq!(of(&["v=DMARC1; p=none"], false), Dmarc::Watching);
        assert_eq!(of(&["v=DMARC1; p=Reject; sp=none"], false), Dmarc::Asking("reject".to_owned()));
        assert_eq!(of(&["v=DMARC1; p=reject; sp=none"], true), Dmarc::Watching);
        assert_eq!(of(&["v=DMARC1; p=quarantine"], true), Dmarc::Asking("quarantine".to_owned()));
        assert_eq!(of(&["v=DMARC1; p=none", "v=DMARC1; p=none"], false), Dmarc::Several);
        assert_eq!(of(&["v=DMARC1; rua=mailto:a@example.si"], false), Dmarc::Broken);
        assert_eq!(parents("a.b.example.si").collect::<Vec<_>>(), ["b.example.si", "example.si"]);
        assert_eq!(parents("example.si").count(), 0);
    }

    #[test]
    fn op_11_names_below_one_name_belong_together() {
        for (one, other, expected) in [
            ("example.si", "identity.example.si", true),
            ("mail.example.si", "www.example.si", true),
            ("example.si", "example.si", true),
            ("example.si", "badexample.si", false),
            ("example.si", "example.com", false),
        ] {
            assert_eq!(belong_together(one, other), expected, "{one} {other}");
        }
    }
}
