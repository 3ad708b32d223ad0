//! Passwords in memory.

use secrecy::{ExposeSecret as _, SecretString};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroize as _;

/// A password in Unicode normalisation form C, so that a composed `č` and a decomposed one are the same password,
/// whatever keyboard typed it (CH-08). Apart from that it is exactly as received: not trimmed, not truncated, not
/// case-folded. It has no `Debug`, and is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// The longest password in code points (PW-02, CH-10).
    pub const MAX_CHARACTERS: usize = 128;

    /// Normalises a text and wipes it from memory.
    #[must_use]
    pub fn new(mut text: String) -> Self {
        let normalised: String = text.nfc().collect();
        text.zeroize();
        Self(SecretString::from(normalised))
    }

    /// The length in code points (PW-03).
    #[must_use]
    pub fn character_count(&self) -> usize {
        self.expose().chars().count()
    }

    /// The characters themselves, for the hasher and the policy.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for Password {
    /// Compares two passwords that the same caller sent. It never compares with a stored secret.
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_08_composed_and_decomposed_are_one_password_and_nothing_is_trimmed() {
        assert!(Password::new("Ško\u{64}a".into()) == Password::new("S\u{30c}koda".into()));
        assert_eq!(Password::new(" \tŠkoda ".into()).expose(), " \tŠkoda ");
        assert!(Password::new("ﬁ".into()) != Password::new("fi".into()), "NFC keeps compatibility characters");
        assert_eq!(Password::new("S\u{30c}koda".into()).character_count(), 5);
    }
}
