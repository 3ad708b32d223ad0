//! The code by which support learns who is calling (OW-11).

use std::fmt;

use aws_lc_rs::constant_time;
use secrecy::{ExposeSecret as _, SecretString};

use super::text_enum;

text_enum! {
    /// The way by which a caller code reaches the customer.
    pub enum CallerCodeWay {
        /// The account page shows the code to a customer who is signed in.
        Page = "page",
        /// A mail to the address on file carries the code.
        Mail = "mail",
    }
}

/// How many codes there are.
const CODES: u64 = 1_000_000;
const LENGTH: usize = 6;

/// Six digits. It has no `Display`, serde or diesel on purpose: it goes to the customer and nowhere else.
pub struct CallerCode(SecretString);

impl CallerCode {
    /// Makes a code from secret bits. No code is likelier than another by more than one part in ten billion.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Self(SecretString::from(format!("{:0LENGTH$}", bits % CODES)))
    }

    /// Takes a code that support has typed; `None` where it is not exactly six digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_code = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| Self(SecretString::from(text)))
    }

    /// The six digits, for the customer.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The digits in two groups, as people read them out.
    #[must_use]
    pub fn grouped(&self) -> String {
        let (first, second) = self.expose().split_at(LENGTH / 2);
        format!("{first} {second}")
    }

    /// Whether both codes are the same. The time does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(self.expose().as_bytes(), other.expose().as_bytes()).is_ok()
    }
}

impl fmt::Debug for CallerCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CallerCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ow_11_a_code_is_six_digits() {
        assert_eq!(CallerCode::from_bits(7).expose(), "000007");
        assert_eq!(CallerCode::from_bits(u64::MAX).expose(), "551615");
        assert_eq!(CallerCode::from_bits(1_004_217).grouped(), "004 217");
        assert!(CallerCode::parse("004217").unwrap().matches(&CallerCode::from_bits(4217)));
        assert!(!CallerCode::parse("004218").unwrap().matches(&CallerCode::from_bits(4217)));
        for text in ["", "04217", "0042170", "004 17", " 04217", "00421７", "٠٠٤٢١٧", "-04217", "00421\0"] {
            assert!(CallerCode::parse(text).is_none(), "{text:?}");
        }
        assert_eq!(format!("{:?}", CallerCode::from_bits(7)), "CallerCode");
    }
}
