//! How pages and mails show whose service this is: the name, the logo, the colours, and where help is found.

mod logo;
mod palette;

use std::fmt::Write as _;

pub use logo::{Logo, LogoError};
pub use palette::{Palette, PaletteError, Scheme};
use url::Url;

use crate::types::EmailAddress;

/// The name of the service where the settings give no other.
pub const NAME: &str = "STAkis";
/// The colour where the settings give no other.
pub const COLOR: &str = "#0b57a4";
/// The address of support, as the customer guide prints it.
pub const SUPPORT_EMAIL: &str = "stakis.support@stahlgruber.si";
/// The telephone number of support, as the customer guide prints it.
pub const SUPPORT_PHONE: &str = "01 587 31 31";

/// The look of the service, and the contacts that its texts name. All of it comes from the settings.
#[derive(Debug, Clone)]
pub struct Brand {
    /// The name of the service, as people know it.
    pub name: String,
    /// The line with the company that runs the service, such as its name and address.
    pub company: Option<String>,
    /// The image that pages show in place of the name.
    pub logo: Option<Logo>,
    /// The colours of pages and mails.
    pub palette: Palette,
    /// The page with the imprint of the company.
    pub imprint_url: Option<Url>,
    /// The page with the privacy notice of the company.
    pub privacy_url: Option<Url>,
    /// Where customers write to.
    pub support_email: EmailAddress,
    /// The number that customers call, as it is printed.
    pub support_phone: String,
}

impl Brand {
    /// The brand where no setting says otherwise. `None` cannot happen: a test makes it.
    #[must_use]
    pub fn standard() -> Option<Self> {
        Some(Self {
            name: NAME.to_owned(),
            company: None,
            logo: None,
            palette: Palette::derive(COLOR).ok()?,
            imprint_url: None,
            privacy_url: None,
            support_email: EmailAddress::parse(SUPPORT_EMAIL).ok()?,
            support_phone: SUPPORT_PHONE.to_owned(),
        })
    }

    /// The support number as a `tel:` address (RFC 3966): its digits, after a `+` where the number begins with one. A
    /// `(0)` stands for the zero that is dialed within the country alone.
    #[must_use]
    pub fn support_phone_link(&self) -> String {
        let (plus, number) = match self.support_phone.strip_prefix('+') {
            Some(abroad) => ("+", abroad.replace("(0)", "")),
            None => ("", self.support_phone.clone()),
        };
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        format!("tel:{plus}{digits}")
    }

    /// The support address as a `mailto:` address (RFC 6068 §2).
    #[must_use]
    pub fn support_email_link(&self) -> String {
        let mut link = "mailto:".to_owned();
        for byte in self.support_email.as_str().bytes() {
            if byte.is_ascii_alphanumeric() || b"@.-_~+!$'*".contains(&byte) {
                link.push(char::from(byte));
            } else {
                let _ = write!(link, "%{byte:02X}");
            }
        }
        link
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_become_links() {
        let brand = Brand::standard().unwrap();
        assert_eq!(brand.support_email_link(), "mailto:stakis.support@stahlgruber.si");
        assert_eq!(brand.support_phone_link(), "tel:015873131");
        let support_email = EmailAddress::parse("a&b?+c%@example.si").unwrap();
        let brand = Brand { support_email, support_phone: "+386 1 587-31-31".to_owned(), ..brand };
        assert_eq!(brand.support_email_link(), "mailto:a%26b%3F+c%25@example.si");
        assert_eq!(brand.support_phone_link(), "tel:+38615873131");
    }
}
