//! Assertions by which machine clients authenticate themselves (RFC 7521, RFC 7523).

use std::sync::LazyLock;

use aws_lc_rs::digest;
use chrono::{DateTime, TimeDelta};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, de::IgnoredAny};

use super::client_keys::{ClientKeys, algorithm};
use crate::{
    config::JwtAlgorithm,
    types::{ClientId, UtcTime},
};

/// How far apart the clocks of a client and of this service may be (JW-04).
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// The longest time until an assertion expires. Libraries that are in use ask for an hour.
const LONGEST_LIFE: TimeDelta = TimeDelta::hours(1);
/// The domain of the hash that an assertion is spent by.
const DOMAIN: &[u8] = b"stakis-identity/client-assertion/v1\0";

/// The members of a header that may be there. Any other (`jku`, `jwk`, `x5u`, `x5c`, `crit`, `b64`, …) is refused rather
/// than ignored (JW-05; RFC 8725 §3.10). A thumbprint names a certificate and is no key, so it is passed over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "x5t")]
    _x5t: IgnoredAny,
    #[serde(default, rename = "x5t#S256")]
    _x5t_s256: IgnoredAny,
}

/// The claims of RFC 7523 §3. Others may be there and mean nothing here.
#[derive(Deserialize)]
struct Claims {
    iss: ClientId,
    sub: ClientId,
    aud: Audience,
    // Unsigned integers, so that a string, a float or a negative number does not parse (JW-04).
    exp: u64,
    #[serde(default)]
    nbf: Option<u64>,
    #[serde(default)]
    iat: Option<u64>,
    jti: String,
}

/// One audience, as text or as a list of one. A list of several would let another service present the assertion here.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    Text(String),
    List([String; 1]),
}

impl Audience {
    fn as_str(&self) -> &str {
        let (Self::Text(text) | Self::List([text])) = self;
        text
    }
}

/// An assertion that is read and not verified yet.
pub struct ClientAssertion {
    algorithm: JwtAlgorithm,
    kid: Option<String>,
    claims: Claims,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// A use of an assertion that is verified. It has to be consumed, so that the assertion serves once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionUse {
    /// A hash of the client and the `jti`.
    pub id: String,
    /// The moment from which the assertion is refused for its age.
    pub expires_at: UtcTime,
}

impl ClientAssertion {
    /// Reads an assertion; `None` where its form, its header or its claims are not those of one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let [header, claims, signature] =
            [header, claims, signature].map(|part| BASE64URL_NOPAD.decode(part.as_bytes()).ok());
        let (header, claims) = (header?, claims?);
        // An array would be read as the members in their order.
        if ![&header, &claims].iter().all(|part| part.trim_ascii_start().first() == Some(&b'{')) {
            return None;
        }
        let header: Header = serde_json::from_slice(&header).ok()?;
        let claims: Claims = serde_json::from_slice(&claims).ok()?;
        let is_of_this_kind = header.typ.is_none_or(|typ| {
            ["JWT", "client-authentication+jwt"].iter().any(|known| known.eq_ignore_ascii_case(&typ))
        });
        if !is_of_this_kind || claims.iss != claims.sub || claims.jti.is_empty() {
            return None;
        }
        Some(Self {
            algorithm: algorithm(&header.alg)?,
            kid: header.kid,
            claims,
            message: message.as_bytes().to_vec(),
            signature: signature?,
        })
    }

    /// The client that the assertion claims to be from; `None` where the text cannot be an id.
    #[must_use]
    pub fn client_id(&self) -> Option<ClientId> {
        ClientId::parse(self.claims.sub.as_str())
    }

    /// Verifies the signature by the keys of the client, the audience and the times. A client without a key costs the same
    /// verification as one with a key.
    #[must_use]
    pub fn verify(&self, keys: Option<&ClientKeys>, audiences: [&str; 2], now: UtcTime) -> Option<AssertionUse> {
        let is_signed = self.is_signed_by(keys);
        let seconds = |moment: UtcTime| u64::try_from(moment.and_utc().timestamp()).unwrap_or(0);
        let Claims { exp, nbf, iat, ref aud, .. } = self.claims;
        let latest = seconds(now + LEEWAY);
        let begun = [nbf, iat].into_iter().flatten().all(|moment| moment <= latest);
        // No leeway: the spent assertion is forgotten once its time is over.
        let lives = exp > seconds(now) && exp <= seconds(now + LONGEST_LIFE + LEEWAY);
        let is_for_here = audiences.contains(&aud.as_str());
        let expires_at = DateTime::from_timestamp(i64::try_from(exp).ok()?, 0)?.naive_utc();
        (is_signed && begun && lives && is_for_here).then(|| AssertionUse { id: self.use_id(), expires_at })
    }

    fn is_signed_by(&self, keys: Option<&ClientKeys>) -> bool {
        let check = |keys: &ClientKeys, kid: Option<&str>| {
            let mut candidates = keys.candidates(kid, self.algorithm).peekable();
            candidates.peek()?;
            Some(candidates.any(|key| key.verifies(&self.message, &self.signature)))
        };
        let verified = keys.and_then(|keys| check(keys, self.kid.as_deref()));
        verified.unwrap_or_else(|| {
            // The private keys of the decoy are known, so its outcome never counts.
            if let Some(decoy) = &*DECOY {
                check(decoy, None);
            }
            false
        })
    }

    fn use_id(&self) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [DOMAIN, self.claims.sub.as_str().as_bytes(), b"\0", self.claims.jti.as_bytes()] {
            context.update(part);
        }
        HEXLOWER.encode(context.finish().as_ref())
    }
}

/// A key for each algorithm, which is compared where a client has none. They are the examples of RFC 7638 §3.1, RFC 7515
/// appendix A.3 and RFC 8037 appendix A.2.
static DECOY: LazyLock<Option<ClientKeys>> =
    LazyLock::new(|| ClientKeys::parse(include_str!("decoy_keys.json")).ok());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lg_02_there_is_a_decoy_for_every_algorithm() {
        let decoy = DECOY.as_ref().unwrap();
        for algorithm in JwtAlgorithm::ALL {
            assert_eq!(decoy.candidates(None, *algorithm).count(), 1);
        }
    }
}
