//! The key that signs the heads of the audit trail (LO-06). It is derived from the secret key, so no table holds it.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{self, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};
use data_encoding::BASE64URL_NOPAD;

use super::trail_form::HeadStatement;
use crate::types::Fault;

/// A key pair for Ed25519 (RFC 8032).
pub struct TrailKey {
    pair: Ed25519KeyPair,
    public_key: String,
    id: String,
}

impl TrailKey {
    /// Makes the pair of a seed.
    pub(super) fn of_seed(seed: &[u8]) -> Result<Self, Fault> {
        let broken = |_| Fault::broken_invariant("deriving the key of the audit trail");
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(broken)?;
        let public_key = BASE64URL_NOPAD.encode(pair.public_key().as_ref());
        let id = trail_key_id(&public_key);
        Ok(Self { pair, public_key, id })
    }

    /// The id, which is the thumbprint of the public key (RFC 7638).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public key in Base64url, as the member `x` of a JWK has it (RFC 8037).
    #[must_use]
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// Signs a head. The signature is in Base64url.
    #[must_use]
    pub fn sign(&self, statement: &HeadStatement<'_>) -> String {
        BASE64URL_NOPAD.encode(self.pair.sign(statement.message().as_bytes()).as_ref())
    }
}

/// The id of a public key.
#[must_use]
pub fn trail_key_id(public_key: &str) -> String {
    let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public_key}"}}"#);
    BASE64URL_NOPAD.encode(digest(&SHA256, jwk.as_bytes()).as_ref())
}

/// Whether the signature of a head is by this public key.
#[must_use]
pub fn is_signed_head(public_key: &str, statement: &HeadStatement<'_>, signature: &str) -> bool {
    let decoded = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes());
    let (Ok(public_key), Ok(signature)) = (decoded(public_key), decoded(signature)) else { return false };
    let key = UnparsedPublicKey::new(&signature::ED25519, public_key);
    key.verify(statement.message().as_bytes(), &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lo_06_a_signature_is_of_one_head_and_one_key() {
        let (key, other) = (TrailKey::of_seed(&[1; 32]).unwrap(), TrailKey::of_seed(&[2; 32]).unwrap());
        let head = HeadStatement { batch: 1, position: 7, hash: "ab" };
        let signature = key.sign(&head);
        assert!(is_signed_head(key.public_key(), &head, &signature));
        assert!(!is_signed_head(other.public_key(), &head, &signature));
        for changed in [
            HeadStatement { batch: 2, ..head },
            HeadStatement { position: 8, ..head },
            HeadStatement { hash: "ac", ..head },
        ] {
            assert!(!is_signed_head(key.public_key(), &changed, &signature), "{changed:?}");
        }
        for forged in ["", "AAAA", "not base64!"] {
            assert!(!is_signed_head(key.public_key(), &head, forged));
        }
        assert_eq!(trail_key_id(key.public_key()), key.id());
        assert_ne!(key.id(), other.id());
    }
}
