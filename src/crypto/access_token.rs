//! Access tokens as JWTs (RFC 9068).

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Header, Validation, jwk::JwkSet};
use serde::Deserialize;

use super::{
    access_claims::{AccessClaims, Claims, Frame, MachineClaims},
    signing_key::SigningKey,
};
use crate::types::{AccountId, ClientId, Fault, Id, PageSessionTokenHash, Scopes, SessionId, UtcTime};

/// The `typ` of an access token (RFC 9068 §2.1).
const TYPE: &str = "at+jwt";
/// How far apart the clocks of two instances may be (JW-04).
const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// The members of a header that is signed here. Any other (`jku`, `jwk`, `x5c`, `crit`, `b64`, …) is refused rather
/// than ignored (JW-05; RFC 8725 §3.10).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    typ: String,
    alg: String,
    kid: String,
}

/// Why a token is not valid. The caller is not told the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAccessToken {
    /// Its header names a key that this service does not have.
    #[error("unknown key")]
    UnknownKey,
    /// Its form, signature, issuer, audience, kind or time is wrong.
    #[error("invalid access token")]
    Invalid,
    /// It was valid, and its time is over.
    #[error("expired access token")]
    Expired,
}

/// The least time between two reads of the keys. Without it, made-up key ids would become load of the database.
const RELOAD_INTERVAL: TimeDelta = TimeDelta::seconds(5);

/// A key and the time at which it begins to sign. It verifies, and is published, from the start (JW-12).
pub struct ScheduledKey {
    /// The key pair.
    pub key: SigningKey,
    /// When the key begins to sign: late enough after its publication for every verifier to have read it.
    pub signs_from: UtcTime,
}

/// Signs and verifies access tokens.
pub struct Signer {
    /// The keys, the newest first. The first whose time to sign has come signs; all verify.
    keys: RwLock<Arc<Vec<ScheduledKey>>>,
    reloaded_at: Mutex<Option<UtcTime>>,
    issuer: String,
    audience: String,
    lifetime: TimeDelta,
}

impl Signer {
    /// Makes a signer with keys, the newest first.
    #[must_use]
    pub fn new(keys: Vec<ScheduledKey>, issuer: String, audience: String, lifetime: TimeDelta) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), reloaded_at: Mutex::default(), issuer, audience, lifetime }
    }

    /// Returns `true` where enough time has passed to read the keys again, and starts that time again.
    pub fn may_reload(&self, now: UtcTime) -> bool {
        let mut reloaded_at = self.reloaded_at.lock().unwrap_or_else(PoisonError::into_inner);
        let may = reloaded_at.is_none_or(|before| now - before >= RELOAD_INTERVAL);
        if may {
            *reloaded_at = Some(now);
        }
        may
    }

    /// Replaces the keys. The newest comes first.
    pub fn replace_keys(&self, keys: Vec<ScheduledKey>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    fn keys(&self) -> Arc<Vec<ScheduledKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The time since the key that signs began to sign.
    #[must_use]
    pub fn key_age(&self, now: UtcTime) -> Option<TimeDelta> {
        Some(now - signing(&self.keys(), now)?.signs_from)
    }

    /// The issuer of the tokens, which is the public address of the service.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
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

    /// Signs a customer's token, for one session of an account in its present epoch.
    pub fn sign(
        &self,
        account: &AccountId,
        epoch: i32,
        session: &SessionId,
        now: UtcTime,
    ) -> Result<String, Fault> {
        self.sign_claims(&AccessClaims::new(self.frame(now)?, account, epoch, session), now)
    }

    /// Signs a machine client's token, for some scopes (RFC 9068 §2.2.3), and for a session of the support page where it
    /// belongs to one.
    pub fn sign_machine(
        &self,
        client: &ClientId,
        scope: &Scopes,
        page_session: Option<&PageSessionTokenHash>,
        now: UtcTime,
    ) -> Result<String, Fault> {
        self.sign_claims(&MachineClaims::new(self.frame(now)?, client, scope, page_session), now)
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

    /// Verifies a customer's token and returns its claims.
    pub fn verify(&self, token: &str, now: UtcTime) -> Result<AccessClaims, InvalidAccessToken> {
        self.verify_claims(token, now)
    }

    /// Verifies a machine client's token and returns its claims.
    pub fn verify_machine(&self, token: &str, now: UtcTime) -> Result<MachineClaims, InvalidAccessToken> {
        self.verify_claims(token, now)
    }

    /// Verifies header, signature, issuer, audience, kind and time, by this instance's clock (JW-01, JW-04).
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
        // No leeway: a token expires by the clock of the instance that it is presented to.
        let expired = frame.exp <= seconds(now);
        let ours = frame.iss == self.issuer
            && frame.aud == self.audience
            && !frame.jti.is_empty()
            && claims.is_of_its_kind();
        match issued && ours {
            true if expired => Err(InvalidAccessToken::Expired),
            true => Ok(claims),
            false => Err(InvalidAccessToken::Invalid),
        }
    }
}

/// The key that signs now.
fn signing(keys: &[ScheduledKey], now: UtcTime) -> Option<&ScheduledKey> {
    keys.iter().find(|scheduled| scheduled.signs_from <= now).or_else(|| keys.last())
}
