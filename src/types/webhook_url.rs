//! The address of a webhook endpoint.

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use url::{Host, Url};

use super::text_column;

/// Why a text is no address of a webhook endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWebhookUrl {
    /// The text is no absolute address of the web in ASCII.
    #[error("the text is no web address")]
    Malformed,
    /// The address has too many characters.
    #[error("the address is too long")]
    TooLong,
    /// The address has a user, a password or a fragment, its scheme is another one, or its host is written in a form that
    /// means another host than it shows.
    #[error("the address is not allowed")]
    NotAllowed,
}

/// The address that events are sent to: `https`, or `http` in development, with neither a user nor a fragment. The host is
/// written in the one form in which it is read: an IPv4 address in decimal parts, a name in ASCII.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct WebhookUrl {
    text: String,
    url: Url,
}

text_column!(WebhookUrl);

impl WebhookUrl {
    /// The most characters of an address.
    pub const MAX_CHARACTERS: usize = 2048;

    /// Parses an address.
    ///
    /// # Errors
    /// [`InvalidWebhookUrl`] says what is wrong, and never repeats the text.
    pub fn parse(text: &str) -> Result<Self, InvalidWebhookUrl> {
        if text.len() > Self::MAX_CHARACTERS {
            return Err(InvalidWebhookUrl::TooLong);
        }
        // A parser of addresses passes over tabs and ends of lines, and takes `\` for `/`.
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(InvalidWebhookUrl::Malformed);
        }
        let url = Url::parse(text).map_err(|_| InvalidWebhookUrl::Malformed)?;
        let authority = text.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
        let (Some(authority), Some(host)) = (authority, url.host_str()) else {
            return Err(InvalidWebhookUrl::Malformed);
        };
        let is_plain = matches!(url.scheme(), "https" | "http")
            && url.fragment().is_none()
            && url.port_or_known_default().is_some_and(|port| port != 0);
        if is_plain && host_in(authority).eq_ignore_ascii_case(host) {
            Ok(Self { text: text.to_owned(), url })
        } else {
            Err(InvalidWebhookUrl::NotAllowed)
        }
    }

    /// The address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address as it is called.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Whether both lead to the same place, however they are written.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.url == other.url
    }

    /// The host, as a name or an address.
    #[must_use]
    pub fn host(&self) -> Option<Host<&str>> {
        self.url.host()
    }
}

/// The host as the text of an authority has it, without the port. A user before it stays, and makes it another text.
fn host_in(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wh_07_an_address_shows_the_host_that_it_leads_to() {
        for text in [
            "https://example.com",
            "https://Example.com/hooks?of=stakis",
            "https://xn--bcher-kva.example/",
            "https://example.com:8443/a:b@c",
            "http://127.0.0.1:9999/",
            "https://[2001:db8::1]:443/",
        ] {
            assert_eq!(WebhookUrl::parse(text).map(|url| url.as_str().to_owned()).as_deref(), Ok(text));
        }
        for text in [
            "https://user@example.com/",
            "https://user:password@example.com/",
            "https://@example.com/",
            "https://:@example.com/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://127.0.0.01/",
            "https://127.0.0.1./",
            "https://[0:0:0:0:0:0:0:1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://%31%32%37.0.0.1/",
            "https://example.com/#fragment",
            "https://example.com:0/",
            "ftp://example.com/",
            "https:example.com",
            "https:///example.com",
            "file:///etc/passwd",
            "gopher://example.com/",
        ] {
            let error = WebhookUrl::parse(text).unwrap_err();
            assert!(matches!(error, InvalidWebhookUrl::NotAllowed | InvalidWebhookUrl::Malformed), "{text}");
        }
        for text in [
            "",
            "example.com",
            "https://",
            "https://exa mple.com/",
            "https://example.com/\n",
            "https:\\\\example.com/",
            "https://１２７.0.0.1/",
            "https://b\u{fc}cher.example/",
            "https://256.256.256.256/",
            "https://example.com:65536/",
        ] {
            assert_eq!(WebhookUrl::parse(text), Err(InvalidWebhookUrl::Malformed), "{text}");
        }
        let long = format!("https://example.com/{}", "x".repeat(2029));
        assert_eq!(WebhookUrl::parse(&long), Err(InvalidWebhookUrl::TooLong));
    }

    #[test]
    fn wh_08_one_place_may_be_written_in_several_ways() {
        let url = |text| WebhookUrl::parse(text).unwrap();
        assert!(url("https://example.com").is_same_place(&url("https://EXAMPLE.com:443/")));
        assert!(!url("https://example.com").is_same_place(&url("https://example.com/a")));
    }

    proptest! {
        #[test]
        fn wh_07_what_is_taken_is_called_as_it_reads(text in "https?://[0-9a-zA-Z@:.%\\[\\]_-]{1,20}(/[!-~]{0,8})?") {
            if let Ok(url) = WebhookUrl::parse(&text) {
                prop_assert_eq!(url.url().username(), "");
                prop_assert!(url.url().password().is_none());
                let host = url.url().host_str().unwrap();
                let (_, rest) = text.split_once("://").unwrap();
                prop_assert!(rest.to_ascii_lowercase().starts_with(host));
            }
        }
    }
}
