//! A key pair that signs access tokens.

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rsa,
    signature::{self, Ed25519KeyPair},
};
use data_encoding::BASE64;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use zeroize::Zeroizing;

use crate::config::JwtAlgorithm;

/// A key could not be made or read. The error says no more, so that it cannot tell anything about the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing key cannot be made or read")]
pub struct SigningKeyError;

/// A key pair. Its `kid` is the thumbprint of RFC 7638.
pub struct SigningKey {
    kid: String,
    algorithm: JwtAlgorithm,
    private: EncodingKey,
    public: DecodingKey,
    jwk: Jwk,
}

impl SigningKey {
    /// Makes a private key as PKCS #8 DER.
    pub fn generate(algorithm: JwtAlgorithm) -> Result<Zeroizing<Vec<u8>>, SigningKeyError> {
        let der: Vec<u8> = match algorithm {
            JwtAlgorithm::Es256 => {
                let document = signature::EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING)
                    .and_then(|pair| pair.to_pkcs8v1())
                    .map_err(|_| SigningKeyError)?;
                document.as_ref().to_vec()
            }
            JwtAlgorithm::EdDsa => {
                let document =
                    Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(|_| SigningKeyError)?;
                document.as_ref().to_vec()
            }
            JwtAlgorithm::Rs256 => {
                let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa3072).map_err(|_| SigningKeyError)?;
                let der: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| SigningKeyError)?;
                der.as_ref().to_vec()
            }
        };
        Ok(Zeroizing::new(der))
    }

    /// Reads a private key that [`SigningKey::generate`] made.
    pub fn from_pkcs8(algorithm: JwtAlgorithm, der: &[u8]) -> Result<Self, SigningKeyError> {
        let private = match algorithm {
            JwtAlgorithm::Es256 => EncodingKey::from_ec_der(der),
            JwtAlgorithm::EdDsa => EncodingKey::from_ed_der(der),
            JwtAlgorithm::Rs256 => {
                // The DER constructor takes PKCS #1 only; the PEM one takes PKCS #8 as well.
                let body = Zeroizing::new(BASE64.encode(der));
                let pem = Zeroizing::new(format!(
                    "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
                    body.as_str()
                ));
                EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| SigningKeyError)?
            }
        };
        let mut jwk = Jwk::from_encoding_key(&private, jwa(algorithm)).map_err(|_| SigningKeyError)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| SigningKeyError)?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let public = DecodingKey::from_jwk(&jwk).map_err(|_| SigningKeyError)?;
        Ok(Self { kid, algorithm, private, public, jwk })
    }

    /// The id of the key, which the header of a token names.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public members, with `kid`, `alg` and `use` (JW-12).
    #[must_use]
    pub fn public_jwk(&self) -> &Jwk {
        &self.jwk
    }

    pub(super) fn jwa(&self) -> Algorithm {
        jwa(self.algorithm)
    }

    pub(super) fn private(&self) -> &EncodingKey {
        &self.private
    }

    pub(super) fn public(&self) -> &DecodingKey {
        &self.public
    }
}

fn jwa(algorithm: JwtAlgorithm) -> Algorithm {
    match algorithm {
        JwtAlgorithm::Es256 => Algorithm::ES256,
        JwtAlgorithm::Rs256 => Algorithm::RS256,
        JwtAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}
