//! The claims of access tokens (RFC 9068 §2.2). A customer's token and a machine's have different forms, so that
//! neither can be read as the other (JW-06).

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::types::{AccountId, ClientId, PageSessionTokenHash, Scopes, SessionId};

/// The client that all customers sign in through. No id of a machine client has its form.
pub const CUSTOMER_CLIENT: &str = "stakis";

/// The claims of a customer's access token. None is ever absent (JW-02).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessClaims {
    iss: String,
    aud: String,
    /// The id of the account (JW-07).
    pub sub: AccountId,
    client_id: String,
    // Unsigned integers, so that a string, a float or a negative number does not parse (JW-04).
    iat: u64,
    exp: u64,
    jti: String,
    /// The id of the session (OpenID Connect Front-Channel Logout 1.0 §3).
    pub sid: SessionId,
    /// The session epoch of the account. A new password, a closing and a forced expiry start another epoch, and tokens
    /// of earlier epochs are refused (JW-08).
    pub epoch: i32,
}

/// The claims of a machine client's access token. None is ever absent (JW-02), but for the session of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineClaims {
    iss: String,
    aud: String,
    /// The id of the client, which acts for itself (RFC 9068 §2.2).
    pub sub: ClientId,
    client_id: ClientId,
    // Unsigned integers, so that a string, a float or a negative number does not parse (JW-04).
    iat: u64,
    exp: u64,
    jti: String,
    /// The scopes that were granted (RFC 9068 §2.2.3).
    pub scope: Scopes,
    /// The hash of the token of the support page's session that the token belongs to. It ends with the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// The claims that every access token has (RFC 9068 §2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<Text> {
    /// The issuer, which is the public address of the service.
    pub iss: Text,
    /// The service that the token is for.
    pub aud: Text,
    /// When the token was issued, in seconds since 1970.
    pub iat: u64,
    /// When the token expires, in seconds since 1970.
    pub exp: u64,
    /// The id of the token.
    pub jti: Text,
}

/// A kind of access token, by its claims.
pub trait Claims: Serialize + DeserializeOwned + Clone {
    /// The claims that are checked alike in every kind.
    fn frame(&self) -> Frame<&str>;
    /// Whether the values of the claims are those of this kind.
    fn is_of_its_kind(&self) -> bool;
}

impl AccessClaims {
    pub(super) fn new(frame: Frame<String>, account: &AccountId, epoch: i32, session: &SessionId) -> Self {
        let Frame { iss, aud, iat, exp, jti } = frame;
        let client_id = CUSTOMER_CLIENT.to_owned();
        Self { iss, aud, sub: account.clone(), client_id, iat, exp, jti, sid: session.clone(), epoch }
    }
}

impl Claims for AccessClaims {
    fn frame(&self) -> Frame<&str> {
        Frame { iss: &self.iss, aud: &self.aud, iat: self.iat, exp: self.exp, jti: &self.jti }
    }

    fn is_of_its_kind(&self) -> bool {
        self.client_id == CUSTOMER_CLIENT
    }
}

impl MachineClaims {
    pub(super) fn new(
        frame: Frame<String>,
        client: &ClientId,
        scope: &Scopes,
        page_session: Option<&PageSessionTokenHash>,
    ) -> Self {
        let Frame { iss, aud, iat, exp, jti } = frame;
        let sid = page_session.map(|hash| hash.as_str().to_owned());
        Self { iss, aud, sub: client.clone(), client_id: client.clone(), iat, exp, jti, scope: scope.clone(), sid }
    }
}

impl Claims for MachineClaims {
    fn frame(&self) -> Frame<&str> {
        Frame { iss: &self.iss, aud: &self.aud, iat: self.iat, exp: self.exp, jti: &self.jti }
    }

    fn is_of_its_kind(&self) -> bool {
        self.sub == self.client_id && self.client_id.as_str() != CUSTOMER_CLIENT
    }
}
