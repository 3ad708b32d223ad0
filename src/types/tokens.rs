//! Tokens that people and programs carry, and what of them may be stored.

use std::{fmt, marker::PhantomData};

use aws_lc_rs::{constant_time, digest};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use secrecy::{ExposeSecret as _, SecretString};

/// What a token is for. Each purpose hashes under a name of its own, so that a token presented where another
/// kind belongs is simply unknown there (TK-08, JW-06).
pub trait Purpose: 'static {
    /// Goes into the hash before the token.
    const DOMAIN: &'static [u8];
}

/// The link in a reset mail.
pub enum ResetPurpose {}
/// Carrying a session on.
pub enum RefreshPurpose {}
/// Recognising a device that has signed in before.
pub enum DevicePurpose {}
/// Showing that a machine client is the one it says it is.
pub enum ClientPurpose {}

impl Purpose for ResetPurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/reset-token/v1\0";
}

impl Purpose for RefreshPurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/refresh-token/v1\0";
}

impl Purpose for DevicePurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/device-token/v1\0";
}

impl Purpose for ClientPurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/client-secret/v1\0";
}

/// 256 secret bits as 43 base64url characters (TK-01, TK-13; JW-09). Deliberately without `Debug`, `Display`,
/// serde and diesel: it goes to its bearer and nowhere else.
pub struct Token<For> {
    text: SecretString,
    purpose: PhantomData<fn() -> For>,
}

/// The only form of a token that a table may hold: domain-separated SHA-256, in hex (TK-02).
/// A token holds 256 random bits, so a fast hash cannot be walked backwards.
#[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct TokenHash<For: 'static> {
    hex: String,
    purpose: PhantomData<fn() -> For>,
}

/// In the link of a reset mail.
pub type ResetToken = Token<ResetPurpose>;
/// What a table knows of it.
pub type ResetTokenHash = TokenHash<ResetPurpose>;
/// Carries a session on, once.
pub type RefreshToken = Token<RefreshPurpose>;
/// What a table knows of it.
pub type RefreshTokenHash = TokenHash<RefreshPurpose>;
/// Shows that a device has signed in before.
pub type DeviceToken = Token<DevicePurpose>;
/// What a table knows of it.
pub type DeviceTokenHash = TokenHash<DevicePurpose>;
/// The secret of a machine client (RFC 6749 §2.3.1).
pub type ClientSecret = Token<ClientPurpose>;
/// What a table knows of it.
pub type ClientSecretHash = TokenHash<ClientPurpose>;

impl<For: Purpose> Token<For> {
    /// Wraps fresh bits, random or derived.
    #[must_use]
    pub fn from_bits(bits: [u8; 32]) -> Self {
        Self { text: SecretString::from(BASE64URL_NOPAD.encode(&bits)), purpose: PhantomData }
    }

    /// The token's characters, for its bearer.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// What to store of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash<For> {
        TokenHash::of_presented(self.expose())
    }
}

impl<For: Purpose> TokenHash<For> {
    /// The hash of whatever somebody presents: every string has one, so a string that never was a token
    /// takes the same way as one that was (TK-07). White space around it is a mail client's (TK-13).
    #[must_use]
    pub fn of_presented(text: &str) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(For::DOMAIN);
        context.update(text.trim().as_bytes());
        Self { hex: HEXLOWER.encode(context.finish().as_ref()), purpose: PhantomData }
    }
}

impl<For> TokenHash<For> {
    /// The hash as hex.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.hex
    }

    /// Whether both are of one token, in a time that does not depend on where they differ. For a hash that is
    /// compared rather than looked up by.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(self.hex.as_bytes(), other.hex.as_bytes()).is_ok()
    }
}

impl<For> Clone for TokenHash<For> {
    fn clone(&self) -> Self {
        Self { hex: self.hex.clone(), purpose: PhantomData }
    }
}

impl<For> PartialEq for TokenHash<For> {
    fn eq(&self, other: &Self) -> bool {
        self.hex == other.hex
    }
}

impl<For> Eq for TokenHash<For> {}

impl<For> fmt::Debug for TokenHash<For> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.hex)
    }
}

impl<For, DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for TokenHash<For>
where
    DB: diesel::backend::Backend,
    str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
{
    fn to_sql<'bind>(&'bind self, out: &mut diesel::serialize::Output<'bind, '_, DB>) -> diesel::serialize::Result {
        <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.as_str(), out)
    }
}

impl<For, DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for TokenHash<For>
where
    DB: diesel::backend::Backend,
    String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        String::from_sql(bytes).map(|hex| Self { hex, purpose: PhantomData })
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

    #[test]
    fn jw_06_one_string_has_a_different_hash_for_every_purpose() {
        let hashes = [
            ResetTokenHash::of_presented("x").as_str().to_owned(),
            RefreshTokenHash::of_presented("x").as_str().to_owned(),
            DeviceTokenHash::of_presented("x").as_str().to_owned(),
            ClientSecretHash::of_presented("x").as_str().to_owned(),
        ];
        assert_eq!(hashes.iter().collect::<std::collections::BTreeSet<_>>().len(), hashes.len());
    }

    #[test]
    fn ad_08_a_secret_matches_its_own_hash_alone() {
        let secret = ClientSecret::from_bits([7; 32]);
        assert!(ClientSecretHash::of_presented(secret.expose()).matches(&secret.hash()));
        assert!(!ClientSecretHash::of_presented("").matches(&secret.hash()));
    }
}
