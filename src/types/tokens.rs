//! The reset link's token and what of it may be stored.

use aws_lc_rs::digest;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use secrecy::{ExposeSecret as _, SecretString};

/// 256 secret bits as 43 base64url characters (TK-01, TK-13). Deliberately without `Debug`, `Display`,
/// serde and diesel: it goes into a mail and nowhere else.
pub struct ResetToken(SecretString);

/// The only form of a reset token that a table may hold: domain-separated SHA-256, in hex (TK-02).
/// A token holds 256 random bits, so a fast hash cannot be walked backwards.
#[derive(Debug, Clone, PartialEq, Eq, diesel::expression::AsExpression)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct ResetTokenHash(String);

impl ResetToken {
    /// Wraps freshly derived bits.
    #[must_use]
    pub fn from_bits(bits: [u8; 32]) -> Self {
        Self(SecretString::from(BASE64URL_NOPAD.encode(&bits)))
    }

    /// The token's characters, for the link.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What to store of it.
    #[must_use]
    pub fn hash(&self) -> ResetTokenHash {
        ResetTokenHash::of_presented(self.expose())
    }
}

impl ResetTokenHash {
    /// The hash of whatever somebody presents: every string has one, so a string that never was a token
    /// takes the same way as one that was (TK-07). White space around it is a mail client's (TK-13).
    #[must_use]
    pub fn of_presented(text: &str) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"stakis-identity/reset-token/v1\0");
        context.update(text.trim().as_bytes());
        Self(HEXLOWER.encode(context.finish().as_ref()))
    }

    /// The hash as hex.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for ResetTokenHash
where
    DB: diesel::backend::Backend,
    str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
{
    fn to_sql<'bind>(&'bind self, out: &mut diesel::serialize::Output<'bind, '_, DB>) -> diesel::serialize::Result {
        <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.as_str(), out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tk_13_tokens_are_43_url_safe_characters_and_survive_outer_white_space() {
        let token = ResetToken::from_bits(std::array::from_fn(|index| index.to_le_bytes()[0]));
        assert_eq!(token.expose().len(), 43);
        assert!(token.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert!(ResetTokenHash::of_presented(&format!(" {}\r\n", token.expose())) == token.hash());
        assert!(ResetTokenHash::of_presented(&token.expose().to_lowercase()) != token.hash());
    }
}
