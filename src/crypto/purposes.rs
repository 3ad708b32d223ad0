//! The key of each purpose, derived from a secret key under a label (RFC 5869).

use aws_lc_rs::{
    aead::{AES_256_GCM, LessSafeKey, UnboundKey},
    hkdf, hmac,
};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::trail_key::TrailKey;
use crate::{
    config::SecretKeyBytes,
    types::{CustomerNumber, Fault},
};

/// The keys that follow from one secret key.
pub(super) struct Purposes {
    pub(super) id: String,
    pub(super) reset_token: hmac::Key,
    pub(super) email_confirm_token: hmac::Key,
    pub(super) email_withdraw_token: hmac::Key,
    pub(super) lock_down_token: hmac::Key,
    pub(super) caller_code: hmac::Key,
    pub(super) refresh_token: hmac::Key,
    pub(super) device_token: hmac::Key,
    pub(super) device_proof: hmac::Key,
    pub(super) dummy_cost: hmac::Key,
    pub(super) challenge: hmac::Key,
    pub(super) source: hmac::Key,
    pub(super) fingerprint: hmac::Key,
    pub(super) seal: LessSafeKey,
    pub(super) trail: TrailKey,
}

/// The bytes of the secret half of a device token.
pub(super) const DEVICE_SECRET: usize = 16;

impl Purposes {
    /// A keyed hash of a value.
    pub(super) fn fingerprint(&self, purpose: &str, value: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.fingerprint);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(value);
        HEXLOWER.encode(context.sign().as_ref().get(..16).unwrap_or_default())
    }

    /// The second half of the device token with this secret half.
    pub(super) fn device_proof(
        &self,
        secret: &[u8; DEVICE_SECRET],
        number: &CustomerNumber,
    ) -> [u8; 32 - DEVICE_SECRET] {
        let tag = hmac::sign(&self.device_proof, &[secret.as_slice(), number.as_str().as_bytes()].concat());
        tag.as_ref().first_chunk().copied().unwrap_or_default()
    }

    /// Derives the keys (RFC 5869).
    pub(super) fn derive(secret: &SecretKeyBytes) -> Result<Self, Fault> {
        let broken = |_| Fault::broken_invariant("deriving keys");
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"stakis-identity/v1");
        let secret = salt.extract(secret.expose());
        let child = |label: &[u8]| -> Result<Zeroizing<[u8; 32]>, Fault> {
            let mut key = Zeroizing::new([0; 32]);
            let info = [label];
            let output = secret.expand(&info, hkdf::HKDF_SHA256).map_err(broken)?;
            output.fill(key.as_mut_slice()).map_err(broken)?;
            Ok(key)
        };
        // The id is derived as well, so that it tells nothing about the key and can be stored.
        let name = child(b"name")?;
        let seal = UnboundKey::new(&AES_256_GCM, child(b"seal")?.as_slice()).map_err(broken)?;
        Ok(Self {
            id: HEXLOWER.encode(name.get(..8).unwrap_or_default()),
            reset_token: hmac::Key::new(hmac::HMAC_SHA256, child(b"reset-token")?.as_slice()),
            email_confirm_token: hmac::Key::new(hmac::HMAC_SHA256, child(b"email-confirm-token")?.as_slice()),
            email_withdraw_token: hmac::Key::new(hmac::HMAC_SHA256, child(b"email-withdraw-token")?.as_slice()),
            lock_down_token: hmac::Key::new(hmac::HMAC_SHA256, child(b"lock-down-token")?.as_slice()),
            caller_code: hmac::Key::new(hmac::HMAC_SHA256, child(b"caller-code")?.as_slice()),
            refresh_token: hmac::Key::new(hmac::HMAC_SHA256, child(b"refresh-token")?.as_slice()),
            device_token: hmac::Key::new(hmac::HMAC_SHA256, child(b"device-token")?.as_slice()),
            device_proof: hmac::Key::new(hmac::HMAC_SHA256, child(b"device-proof")?.as_slice()),
            dummy_cost: hmac::Key::new(hmac::HMAC_SHA256, child(b"dummy-cost")?.as_slice()),
            challenge: hmac::Key::new(hmac::HMAC_SHA256, child(b"challenge")?.as_slice()),
            source: hmac::Key::new(hmac::HMAC_SHA256, child(b"source")?.as_slice()),
            fingerprint: hmac::Key::new(hmac::HMAC_SHA256, child(b"fingerprint")?.as_slice()),
            seal: LessSafeKey::new(seal),
            trail: TrailKey::of_seed(child(b"audit-trail")?.as_slice())?,
        })
    }
}
