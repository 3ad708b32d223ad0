//! Access tokens: RFC 9068 JWTs.

use std::{
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Header, Validation, jwk::JwkSet};
use serde::{Deserialize, Serialize};

use super::signing_key::SigningKey;
use crate::types::{AccountId, Fault, Id, SessionId, UtcTime};

/// RFC 9068 §2.1.
const TYPE: &str = "at+jwt";
/// Customers sign in through this one client.
const CUSTOMER_CLIENT: &str = "stakis";
/// How far the clocks of two instances may be apart (JW-04).
const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// The claims of an access token; all of them are always there (JW-02).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessClaims {
    iss: String,
    aud: String,
    /// The account (JW-07).
    pub sub: AccountId,
    client_id: String,
    // Unsigned integers: a string, a float or a negative number does not parse (JW-04).
    iat: u64,
    exp: u64,
    jti: String,
    /// The session (OpenID Connect Front-Channel Logout 1.0 §3).
    pub sid: SessionId,
    /// The account's session epoch: a new password, a closing and a forced expiry begin another one, and
    /// what was signed before is refused here from then on (JW-08).
    pub epoch: i32,
}

/// The members a header of ours has. Anything else (`jku`, `jwk`, `x5c`, `crit`, `b64`, …) is refused
/// rather than ignored (JW-05; RFC 8725 §3.10).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    typ: String,
    alg: String,
    kid: String,
}

/// Why a token counts for nothing. The caller is told neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAccessToken {
    /// Signed, or so it says, with a key that is not among ours.
    #[error("unknown key")]
    UnknownKey,
    /// Not one of ours, not for here, or not of now.
    #[error("invalid access token")]
    Invalid,
}

/// Keys are read again at most this often, or made-up key names would become database load.
const RELOAD_INTERVAL: TimeDelta = TimeDelta::seconds(5);

/// A key and when its turn to sign comes. It verifies, and is published, from the start (JW-12).
pub struct ScheduledKey {
    /// The key pair.
    pub key: SigningKey,
    /// Long enough after its publication for everybody to have read it.
    pub signs_from: UtcTime,
}

/// Signs and verifies access tokens.
pub struct Signer {
    /// The newest first. The first whose turn has come signs; all verify.
    keys: RwLock<Arc<Vec<ScheduledKey>>>,
    reloaded_at: Mutex<Option<UtcTime>>,
    issuer: String,
    audience: String,
    lifetime: Duration,
}

impl Signer {
    /// Takes the keys, the newest first.
    #[must_use]
    pub fn new(keys: Vec<ScheduledKey>, issuer: String, audience: String, lifetime: Duration) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), reloaded_at: Mutex::default(), issuer, audience, lifetime }
    }

    /// Whether enough time has passed to read the keys again; if so, the time begins anew.
    pub fn may_reload(&self, now: UtcTime) -> bool {
        let mut reloaded_at = self.reloaded_at.lock().unwrap_or_else(PoisonError::into_inner);
        let may = reloaded_at.is_none_or(|before| now - before >= RELOAD_INTERVAL);
        if may {
            *reloaded_at = Some(now);
        }
        may
    }

    /// From now on these, the newest first.
    pub fn replace_keys(&self, keys: Vec<ScheduledKey>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    fn keys(&self) -> Arc<Vec<ScheduledKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long a token is good for.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// The public keys, for `/.well-known/jwks.json` (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: self.keys().iter().map(|scheduled| scheduled.key.public_jwk().clone()).collect() }
    }

    /// A token for one session of one account in its present epoch.
    pub fn sign(
        &self,
        account: &AccountId,
        epoch: i32,
        session: &SessionId,
        now: UtcTime,
    ) -> Result<String, Fault> {
        let failed = || Fault::broken_invariant("signing an access token");
        let keys = self.keys();
        let turn = keys.iter().find(|scheduled| scheduled.signs_from <= now).or_else(|| keys.last());
        let key = &turn.ok_or_else(failed)?.key;
        let iat = u64::try_from(now.and_utc().timestamp()).map_err(|_| failed())?;
        let claims = AccessClaims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: account.clone(),
            client_id: CUSTOMER_CLIENT.to_owned(),
            iat,
            exp: iat + self.lifetime.as_secs(),
            jti: Id::<AccessClaims>::mint().as_str().to_owned(),
            sid: session.clone(),
            epoch,
        };
        let mut header = Header::new(key.jwa());
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.kid().to_owned());
        jsonwebtoken::encode(&header, &claims, key.private())
            .map_err(|error| Fault::internal("signing an access token", error))
    }

    /// Checks header, signature, issuer, audience and time, all against our own clock (JW-01, JW-04).
    pub fn verify(&self, token: &str, now: UtcTime) -> Result<AccessClaims, InvalidAccessToken> {
        let header = token.split('.').next().ok_or(InvalidAccessToken::Invalid)?;
        let header = BASE64URL_NOPAD.decode(header.as_bytes()).map_err(|_| InvalidAccessToken::Invalid)?;
        let header: StrictHeader = serde_json::from_slice(&header).map_err(|_| InvalidAccessToken::Invalid)?;
        let keys = self.keys();
        let mut all = keys.iter().map(|scheduled| &scheduled.key);
        let key = all.find(|key| key.kid() == header.kid).ok_or(InvalidAccessToken::UnknownKey)?;
        let algorithm = header.alg.parse().map_err(|_| InvalidAccessToken::Invalid)?;
        if header.typ != TYPE || key.jwa() != algorithm {
            return Err(InvalidAccessToken::Invalid);
        }
        let mut signature_only = Validation::new(key.jwa());
        signature_only.required_spec_claims.clear();
        signature_only.validate_exp = false;
        signature_only.validate_aud = false;
        let claims = jsonwebtoken::decode::<AccessClaims>(token, key.public(), &signature_only)
            .map_err(|_| InvalidAccessToken::Invalid)?
            .claims;
        let seconds = |moment: UtcTime| u64::try_from(moment.and_utc().timestamp()).unwrap_or(0);
        let issued = claims.iat <= seconds(now + LEEWAY);
        // No leeway here: this instance's clock is the one that counts for tokens it is shown.
        let expired = claims.exp <= seconds(now);
        let ours = claims.iss == self.issuer
            && claims.aud == self.audience
            && claims.client_id == CUSTOMER_CLIENT
            && !claims.jti.is_empty();
        if issued && !expired && ours { Ok(claims) } else { Err(InvalidAccessToken::Invalid) }
    }
}
