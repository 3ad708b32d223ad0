//! Access tokens: RFC 9068 JWTs.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Header, Validation, jwk::JwkSet};
use serde::Deserialize;

use super::{
    access_claims::{AccessClaims, Claims, Frame, MachineClaims},
    signing_key::SigningKey,
};
use crate::types::{AccountId, ClientId, Fault, Id, Scopes, SessionId, UtcTime};

/// RFC 9068 §2.1.
const TYPE: &str = "at+jwt";
/// How far the clocks of two instances may be apart (JW-04).
const LEEWAY: TimeDelta = TimeDelta::seconds(60);

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
    lifetime: TimeDelta,
}

impl Signer {
    /// Takes the keys, the newest first.
    #[must_use]
    pub fn new(keys: Vec<ScheduledKey>, issuer: String, audience: String, lifetime: TimeDelta) -> Self {
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

    /// For how long the key that signs has done so.
    #[must_use]
    pub fn key_age(&self, now: UtcTime) -> Option<TimeDelta> {
        Some(now - signing(&self.keys(), now)?.signs_from)
    }

    /// For how many seconds a token is valid.
    #[must_use]
    pub fn lifetime_seconds(&self) -> u64 {
        self.lifetime.num_seconds().unsigned_abs()
    }

    /// The public keys, for `/.well-known/jwks.json` (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: self.keys().iter().map(|scheduled| scheduled.key.public_jwk().clone()).collect() }
    }

    /// A customer's token, for one session of one account in its present epoch.
    pub fn sign(
        &self,
        account: &AccountId,
        epoch: i32,
        session: &SessionId,
        now: UtcTime,
    ) -> Result<String, Fault> {
        self.sign_claims(&AccessClaims::new(self.frame(now)?, account, epoch, session), now)
    }

    /// A machine client's token, for some scopes (RFC 9068 §2.2.3).
    pub fn sign_machine(&self, client: &ClientId, scope: &Scopes, now: UtcTime) -> Result<String, Fault> {
        self.sign_claims(&MachineClaims::new(self.frame(now)?, client, scope), now)
    }

    fn frame(&self, now: UtcTime) -> Result<Frame<String>, Fault> {
        let iat = u64::try_from(now.and_utc().timestamp())
            .map_err(|error| Fault::internal("signing an access token", error))?;
        Ok(Frame {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            iat,
            exp: iat + self.lifetime_seconds(),
            jti: Id::<Self>::mint().as_str().to_owned(),
        })
    }

    fn sign_claims(&self, claims: &impl Claims, now: UtcTime) -> Result<String, Fault> {
        let keys = self.keys();
        let key = &signing(&keys, now).ok_or_else(|| Fault::broken_invariant("signing an access token"))?.key;
        let mut header = Header::new(key.jwa());
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.kid().to_owned());
        jsonwebtoken::encode(&header, claims, key.private())
            .map_err(|error| Fault::internal("signing an access token", error))
    }

    /// The claims of a customer's token, if it is one.
    pub fn verify(&self, token: &str, now: UtcTime) -> Result<AccessClaims, InvalidAccessToken> {
        self.verify_claims(token, now)
    }

    /// The claims of a machine client's token, if it is one.
    pub fn verify_machine(&self, token: &str, now: UtcTime) -> Result<MachineClaims, InvalidAccessToken> {
        self.verify_claims(token, now)
    }

    /// Checks header, signature, issuer, audience, time and kind, all against our own clock (JW-01, JW-04).
    fn verify_claims<Kind: Claims>(&self, token: &str, now: UtcTime) -> Result<Kind, InvalidAccessToken> {
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
        let claims = jsonwebtoken::decode::<Kind>(token, key.public(), &signature_only)
            .map_err(|_| InvalidAccessToken::Invalid)?
            .claims;
        let frame = claims.frame();
        let seconds = |moment: UtcTime| u64::try_from(moment.and_utc().timestamp()).unwrap_or(0);
        let issued = frame.iat <= seconds(now + LEEWAY);
        // No leeway here: this instance's clock is the one that counts for tokens it is shown.
        let expired = frame.exp <= seconds(now);
        let ours = frame.iss == self.issuer
            && frame.aud == self.audience
            && !frame.jti.is_empty()
            && claims.is_of_its_kind();
        if issued && !expired && ours { Ok(claims) } else { Err(InvalidAccessToken::Invalid) }
    }
}

/// The key whose turn it is.
fn signing(keys: &[ScheduledKey], now: UtcTime) -> Option<&ScheduledKey> {
    keys.iter().find(|scheduled| scheduled.signs_from <= now).or_else(|| keys.last())
}
