//! Key pairs of the fuzzers alone. The private key of each is one byte, repeated, so it protects nothing.

use aws_lc_rs::signature::{EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair};

/// The length of a private key of either kind, in bytes.
const LENGTH: usize = 32;
/// The bytes before a private key of Ed25519 in PKCS #8 (RFC 8410 §7).
const ED25519_HEAD: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
/// The bytes before a private key of P-256 in PKCS #8 (RFC 5958 §2, RFC 5915 §3).
const P256_HEAD: &[u8] =
    b"\x30\x41\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\
    \x03\x01\x07\x04\x27\x30\x25\x02\x01\x01\x04\x20";

/// A key of Ed25519 in PKCS #8.
pub(super) fn ed25519_document(byte: u8) -> Vec<u8> {
    [ED25519_HEAD, &[byte; LENGTH]].concat()
}

/// A key of P-256 in PKCS #8.
pub(super) fn p256_document(byte: u8) -> Vec<u8> {
    [P256_HEAD, &[byte; LENGTH]].concat()
}

pub(super) fn ed25519(byte: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[byte; LENGTH]).unwrap()
}

pub(super) fn p256(byte: u8, algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(algorithm, &p256_document(byte)).unwrap()
}
