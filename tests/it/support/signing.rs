//! Keys of machine clients, and what they sign.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use stakis_identity::crypto::ClientKeys;

/// A private key, with its public members.
pub(crate) struct ClientKey {
    pair: Pair,
    /// The public key as a JWK with a `kid`.
    pub(crate) jwk: Value,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl ClientKey {
    pub(crate) fn p256(kid: &str) -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref()).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let [x, y] = [x, y].map(|part| BASE64URL_NOPAD.encode(part));
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid });
        Self { pair: Pair::P256(pair), jwk }
    }

    pub(crate) fn ed25519(kid: &str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let x = BASE64URL_NOPAD.encode(pair.public_key().as_ref());
        Self { pair: Pair::Ed25519(pair), jwk: json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid }) }
    }

    /// Signs any header and claims, given as text.
    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        let [header, claims] = [header, claims].map(|text| BASE64URL_NOPAD.encode(text.as_bytes()));
        let message = format!("{header}.{claims}");
        let signature = match &self.pair {
            Pair::P256(pair) => {
                BASE64URL_NOPAD.encode(pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref())
            }
            Pair::Ed25519(pair) => BASE64URL_NOPAD.encode(pair.sign(message.as_bytes()).as_ref()),
        };
        format!("{message}.{signature}")
    }
}

/// The set of these keys, as a client registers it.
pub(crate) fn key_set(keys: &[&ClientKey]) -> ClientKeys {
    let jwks: Vec<&Value> = keys.iter().map(|key| &key.jwk).collect();
    ClientKeys::parse(&json!({ "keys": jwks }).to_string()).unwrap()
}
