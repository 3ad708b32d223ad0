//! Tokens that customers and programs carry, and their hashes, which are all that is stored of them.

use std::{fmt, marker::PhantomData};

use aws_lc_rs::{constant_time, digest};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// The purpose of a token. Each purpose has a domain of its own in the hash, so that a token is unknown where a token
/// of another purpose belongs (TK-08, JW-06).
pub trait Purpose: 'static {
    /// The domain, which goes into the hash before the token.
    const DOMAIN: &'static [u8];
    /// What a token begins with, so that people and scanners for leaked secrets see what it is.
    const PREFIX: &'static str = "";
    /// Whether people carry the token from a mail, so that white space may have come with it (TK-13). A token that
    /// programs carry counts exactly as it is.
    const IS_COPIED_BY_HAND: bool = false;
}

/// The purpose of a token in the link of a reset mail.
pub enum ResetPurpose {}
/// The purpose of a token in the link that confirms a new address.
pub enum EmailConfirmPurpose {}
/// The purpose of a token in the link that withdraws a change of the address.
pub enum EmailWithdrawPurpose {}
/// The purpose of a token in the link of a notice that locks the access down.
pub enum LockDownPurpose {}
/// The purpose of a token that continues a session.
pub enum RefreshPurpose {}
/// The purpose of a token by which a device is recognised.
pub enum DevicePurpose {}
/// The purpose of a token that authenticates a machine client.
pub enum ClientPurpose {}
/// The purpose of a token that continues a session of the support page.
pub enum PageSessionPurpose {}

impl Purpose for ResetPurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/reset-token/v1\0";
    const IS_COPIED_BY_HAND: bool = true;
}

impl Purpose for EmailConfirmPurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/email-confirm-token/v1\0";
    const IS_COPIED_BY_HAND: bool = true;
}

impl Purpose for EmailWithdrawPurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/email-withdraw-token/v1\0";
    const IS_COPIED_BY_HAND: bool = true;
}

impl Purpose for LockDownPurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/lock-down-token/v1\0";
    const IS_COPIED_BY_HAND: bool = true;
}

impl Purpose for RefreshPurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/refresh-token/v1\0";
}

impl Purpose for DevicePurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/device-token/v1\0";
}

impl Purpose for ClientPurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/client-secret/v1\0";
    const PREFIX: &'static str = "stk_";
}

impl Purpose for PageSessionPurpose {
    const DOMAIN: &'static [u8] = b"stakis-identity/page-session/v1\0";
}

/// A token of 256 secret bits as 43 Base64url characters (TK-01, TK-13, JW-09), behind the prefix of its purpose. It has no
/// `Debug`, `Display`, serde or diesel on purpose: it goes to its bearer and nowhere else.
pub struct Token<For> {
    text: SecretString,
    purpose: PhantomData<fn() -> For>,
}

/// The hash of a token, which is the only form that a table may hold: domain-separated SHA-256 in hexadecimal (TK-02).
/// A token has 256 random bits, so that a fast hash cannot be reversed by guessing.
#[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct TokenHash<For: 'static> {
    hex: String,
    purpose: PhantomData<fn() -> For>,
}

/// The token in the link of a reset mail.
pub type ResetToken = Token<ResetPurpose>;
/// The stored hash of a reset token.
pub type ResetTokenHash = TokenHash<ResetPurpose>;
/// The token in the link that confirms a new address.
pub type EmailConfirmToken = Token<EmailConfirmPurpose>;
/// The stored hash of such a token.
pub type EmailConfirmTokenHash = TokenHash<EmailConfirmPurpose>;
/// The token in the link that withdraws a change of the address.
pub type EmailWithdrawToken = Token<EmailWithdrawPurpose>;
/// The stored hash of such a token.
pub type EmailWithdrawTokenHash = TokenHash<EmailWithdrawPurpose>;
/// The token in the link of a notice that locks the access down.
pub type LockDownToken = Token<LockDownPurpose>;
/// The stored hash of such a token.
pub type LockDownTokenHash = TokenHash<LockDownPurpose>;
/// A token that continues a session, once.
pub type RefreshToken = Token<RefreshPurpose>;
/// The stored hash of a refresh token.
pub type RefreshTokenHash = TokenHash<RefreshPurpose>;
/// A token by which a device is recognised.
pub type DeviceToken = Token<DevicePurpose>;
/// The stored hash of a device token.
pub type DeviceTokenHash = TokenHash<DevicePurpose>;
/// The secret of a machine client (RFC 6749 §2.3.1). Earlier ones have no prefix; the hash is of the whole text.
pub type ClientSecret = Token<ClientPurpose>;
/// The stored hash of a client secret.
pub type ClientSecretHash = TokenHash<ClientPurpose>;
/// A token that continues a session of the support page.
pub type PageSessionToken = Token<PageSessionPurpose>;
/// The stored hash of such a token.
pub type PageSessionTokenHash = TokenHash<PageSessionPurpose>;

impl<For: Purpose> Token<For> {
    /// Makes a token from secret bits, random or derived.
    #[must_use]
    pub fn from_bits(bits: [u8; 32]) -> Self {
        Self {
            text: SecretString::from(format!("{}{}", For::PREFIX, BASE64URL_NOPAD.encode(&bits))),
            purpose: PhantomData,
        }
    }

    /// The characters of the token, for its bearer.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The bits of a presented text; `None` where the text has not the form of a token. White space around it is ignored
    /// (TK-13).
    #[must_use]
    pub fn bits_of_presented(text: &str) -> Option<Zeroizing<[u8; 32]>> {
        let text = text.trim().strip_prefix(For::PREFIX)?;
        let bits = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        Some(Zeroizing::new(bits.as_slice().try_into().ok()?))
    }

    /// The hash to store.
    #[must_use]
    pub fn hash(&self) -> TokenHash<For> {
        TokenHash::of_presented(self.expose())
    }
}

impl<For: Purpose> TokenHash<For> {
    /// Hashes a presented text. Every text has a hash, so one that never was a token is looked up like one that was
    /// (TK-07). White space around the token of a mail comes from mail clients and is ignored (TK-13).
    #[must_use]
    pub fn of_presented(text: &str) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(For::DOMAIN);
        let text = if For::IS_COPIED_BY_HAND { text.trim() } else { text };
        context.update(text.as_bytes());
        Self { hex: HEXLOWER.encode(context.finish().as_ref()), purpose: PhantomData }
    }
}

impl<For> TokenHash<For> {
    /// The hash in hexadecimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.hex
    }

    /// Whether both hashes are of one token. The time does not depend on where they differ. It is for a hash that is
    /// compared, and not looked up.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(self.hex.as_bytes(), other.hex.as_bytes()).is_ok()
    }
}

impl TokenHash<ClientPurpose> {
    /// What stands in the place of a hash where a client has no secret. No text has this hash.
    #[must_use]
    pub const fn none() -> Self {
        Self { hex: String::new(), purpose: PhantomData }
    }

    /// Whether it is the hash of a secret.
    #[must_use]
    pub const fn is_of_a_secret(&self) -> bool {
        !self.hex.is_empty()
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
            PageSessionTokenHash::of_presented("x").as_str().to_owned(),
            EmailConfirmTokenHash::of_presented("x").as_str().to_owned(),
            EmailWithdrawTokenHash::of_presented("x").as_str().to_owned(),
            LockDownTokenHash::of_presented("x").as_str().to_owned(),
        ];
        assert_eq!(hashes.iter().collect::<std::collections::BTreeSet<_>>().len(), hashes.len());
    }

    #[test]
    fn jw_09_what_programs_carry_counts_exactly_as_it_is() {
        let bits = [7; 32];
        let around = |text: &str| [format!(" {text}"), format!("{text}\n"), format!("{text}\u{a0}")];
        for text in around(ClientSecret::from_bits(bits).expose()) {
            assert!(!ClientSecretHash::of_presented(&text).matches(&ClientSecret::from_bits(bits).hash()));
            assert_ne!(RefreshTokenHash::of_presented(&text), RefreshToken::from_bits(bits).hash());
            assert_ne!(DeviceTokenHash::of_presented(&text), DeviceToken::from_bits(bits).hash());
        }
    }

    #[test]
    fn ad_08_a_secret_matches_its_own_hash_alone() {
        let secret = ClientSecret::from_bits([7; 32]);
        assert!(ClientSecretHash::of_presented(secret.expose()).matches(&secret.hash()));
        assert!(!ClientSecretHash::of_presented("").matches(&secret.hash()));
        assert!(!ClientSecretHash::none().matches(&ClientSecretHash::of_presented("")));
    }

    #[test]
    fn ad_08_a_secret_has_43_characters_behind_its_prefix() {
        let secret = ClientSecret::from_bits([7; 32]);
        let characters = secret.expose().strip_prefix("stk_").unwrap();
        assert_eq!(characters.len(), 43);
        assert_eq!(*ClientSecret::bits_of_presented(secret.expose()).unwrap(), [7; 32]);
        assert!(ClientSecret::bits_of_presented(characters).is_none());
        // A secret of an earlier release has no prefix, and its hash is of its whole text.
        assert!(!ClientSecretHash::of_presented(characters).matches(&secret.hash()));
    }
}
