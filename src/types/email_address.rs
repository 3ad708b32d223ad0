//! E-mail addresses.

use std::{convert::Infallible, fmt, str::FromStr as _};

use url::Host;

/// An address that mail can go to, as it was entered (DP-04).
#[derive(Clone, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct EmailAddress(String);

/// The text is no address by RFC 5321, or holds a character that could break out of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid e-mail address")]
pub struct InvalidEmailAddress;

super::text_column!(EmailAddress, |text| Ok::<_, Infallible>(EmailAddress::of_row(text)));

/// The longest address in bytes: a path of SMTP without its brackets (RFC 5321 §4.5.3.1.3).
const LONGEST: usize = 254;

/// The characters that separate, name, group or comment on the addresses of a header (RFC 5322 §3.2.3 and §3.4), and
/// those that quote them. A mail API that takes several recipients in one text may take such an address for several.
const SEPARATORS: [char; 9] = [',', ';', ':', '<', '>', '(', ')', '"', '\\'];

impl EmailAddress {
    /// Parses an address by RFC 5321. Control characters, white space and a quoted local part are refused, so that no
    /// address can add a header or a recipient (ML-04).
    pub fn parse(text: &str) -> Result<Self, InvalidEmailAddress> {
        let address = Self(text.to_owned());
        let is_address = text.len() <= LONGEST && email_address::EmailAddress::from_str(text).is_ok();
        if is_address && address.is_one_recipient() { Ok(address) } else { Err(InvalidEmailAddress) }
    }

    /// Takes the address of a row as it is. An address from before a rule was added must not make its row unreadable.
    fn of_row(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether every reader takes the address for one recipient. A stored address from before this rule may have a
    /// quoted local part such as `"a,b"`.
    #[must_use]
    pub fn is_one_recipient(&self) -> bool {
        let is_plain =
            |text: &str| !text.chars().any(|character| character.is_control() || character.is_whitespace());
        is_plain(&self.0) && !self.local_part().contains(SEPARATORS)
    }

    /// The address as it was entered, for sending.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the last `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local_part, _)| local_part)
    }

    /// The form to compare addresses by: in lower case, with the domain in Punycode. RFC 5321 §2.4 lets a server tell
    /// local parts apart by their capitals, and discourages it; no mailbox of a customer depends on it.
    #[must_use]
    pub fn canonical(&self) -> String {
        let Some((local_part, domain)) = self.0.rsplit_once('@') else { return self.0.to_lowercase() };
        format!("{}@{}", local_part.to_lowercase(), ascii(domain))
    }

    /// The domain in the form in which name servers are asked for it.
    #[must_use]
    pub fn domain(&self) -> String {
        self.0.rsplit_once('@').map_or_else(String::new, |(_, domain)| ascii(domain))
    }

    /// The address with a domain in Punycode written in the letters that people read.
    #[must_use]
    pub fn with_domain_in_letters(&self) -> String {
        let Some((local_part, domain)) = self.0.rsplit_once('@') else { return self.0.clone() };
        let (letters, _) = idna::domain_to_unicode(domain);
        format!("{local_part}@{letters}")
    }

    /// Whether mail can arrive there at all: the domain is no reserved one (RFC 2606, RFC 6761, RFC 6762), no bare name
    /// and no bare number.
    #[must_use]
    pub fn can_receive_mail(&self) -> bool {
        let domain = self.0.rsplit_once('@').map_or("", |(_, domain)| domain).to_lowercase();
        let Some((rest, last)) = domain.rsplit_once('.') else { return false };
        let second = rest.rsplit('.').next().unwrap_or_default();
        let is_reserved = ["example", "invalid", "localhost", "local", "test", "onion", "alt"].contains(&last)
            || (second == "example" && ["com", "net", "org"].contains(&last));
        !is_reserved && !last.starts_with(|letter: char| letter.is_ascii_digit())
    }

    /// The address to send to: the local part as it was entered, the domain in the form that every server takes.
    #[must_use]
    pub fn to_send_to(&self) -> Self {
        self.0
            .rsplit_once('@')
            .map_or_else(|| self.clone(), |(local_part, domain)| Self(format!("{local_part}@{}", ascii(domain))))
    }

    /// The address with most letters hidden: the first letters of both halves and the top-level domain, such as
    /// `d•••@e•••.si`. There are always three dots, so that they tell no length.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local_part, domain) = self.0.rsplit_once('@').unwrap_or(("", ""));
        let (name, top_level) = domain.rsplit_once('.').unwrap_or((domain, ""));
        let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
        format!("{}•••@{}•••.{top_level}", first(local_part), first(name))
    }
}

/// A domain in lower case and Punycode.
fn ascii(domain: &str) -> String {
    Host::parse(domain).map_or_else(|_| domain.to_lowercase(), |host| host.to_string())
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ml_04_nothing_that_could_add_a_header_or_a_recipient() {
        for text in [
            "",
            "a",
            "a@",
            "@b.si",
            "a@b.si\r\nBcc: c@d.si",
            "a@b.si,c@d.si",
            "a@b.si;c@d.si",
            "a b@c.si",
            "\"a b\"@c.si",
            "\"a,b\"@c.si",
            "\"a@b.si,c\"@d.si",
            "\"a;b\"@c.si",
            "\"a\"@b.si",
            "\"a\\\"b\"@c.si",
            "Ana <a@b.si>",
            "a@b.si\0",
            "a@b.si\u{2028}",
            "a@b\u{85}.si",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?} was accepted");
        }
        for text in ["a@b.si", "o'brien+stakis@sub.example.co.uk", "ana@če.si"] {
            assert!(EmailAddress::parse(text).is_ok(), "{text:?} was refused");
        }
    }

    #[test]
    fn ml_04_a_row_keeps_its_address_and_tells_whether_it_is_one_recipient() {
        for (text, is_one) in [("a@b.si", true), ("\"a,b\"@c.si", false), ("\"a b\"@c.si", false)] {
            let address = EmailAddress::of_row(text);
            assert_eq!((address.as_str(), address.is_one_recipient()), (text, is_one));
        }
    }

    #[test]
    fn an_address_is_no_longer_than_mail_servers_take() {
        let label = "a".repeat(60);
        let longest = format!("{}@{label}.{label}.{label}.abcdef", "x".repeat(64));
        assert_eq!(longest.len(), 254);
        assert!(EmailAddress::parse(&longest).is_ok());
        assert!(EmailAddress::parse(&longest.replace(".abcdef", ".abcdefg")).is_err());
    }

    #[test]
    fn dp_04_compares_without_capitals_and_shows_a_mask() {
        let address = EmailAddress::parse("Ana@Če.SI").unwrap();
        assert_eq!(address.canonical(), "ana@xn--e-cia.si");
        assert_eq!(address.to_send_to().as_str(), "Ana@xn--e-cia.si");
        assert_eq!(EmailAddress::parse("ČRT@b.si").unwrap().canonical(), "črt@b.si");
        assert_eq!(address.masked(), "A•••@Č•••.SI");
        assert_eq!(format!("{address:?}"), "EmailAddress(…)");
    }
}
