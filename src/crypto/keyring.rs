//! The keys of every purpose, derived from one secret key under a label each (RFC 5869).

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
};
use data_encoding::{BASE64, HEXLOWER};
use zeroize::Zeroizing;

use super::proof_of_work::{self, Challenge, Proof};
use crate::{
    config::SecretKeyBytes,
    types::{
        CustomerNumber, DeviceId, DeviceToken, Fault, Purpose, ResetLinkId, ResetToken, Token, UtcTime,
        random_bytes,
    },
};

/// The value was made with a secret key that is neither the present one nor the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("made under a secret key that is not configured")]
pub struct UnknownSecretKey;

/// A sealed value and the id of the key that it is sealed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The id of the secret key.
    pub secret_key_id: String,
    /// The nonce and the ciphertext in Base64.
    pub text: String,
}

/// The present secret key and, during a rotation, the previous one (CF-03).
pub struct Keyring {
    current: Purposes,
    previous: Option<Purposes>,
}

struct Purposes {
    id: String,
    reset_token: hmac::Key,
    device_token: hmac::Key,
    dummy_cost: hmac::Key,
    challenge: hmac::Key,
    source: hmac::Key,
    seal: LessSafeKey,
}

impl Keyring {
    /// Derives the keys of every purpose.
    pub fn new(current: &SecretKeyBytes, previous: Option<&SecretKeyBytes>) -> Result<Self, Fault> {
        let current = Purposes::derive(current)?;
        let previous = previous.map(Purposes::derive).transpose()?;
        Ok(Self { current, previous })
    }

    /// The id of the present key, which new links, devices and sealed values are stored with.
    #[must_use]
    pub fn current_id(&self) -> &str {
        &self.current.id
    }

    /// Derives the token of a link by HMAC-SHA-256 over its random id, so that a repeated mail is the same to the byte
    /// and no usable token is at rest (TK-01, TK-02).
    pub fn reset_token(&self, secret_key_id: &str, link: &ResetLinkId) -> Result<ResetToken, UnknownSecretKey> {
        derive(&self.purposes(secret_key_id)?.reset_token, link.as_str())
    }

    /// Derives the token of a device, so that a refresh can return a token that no table holds.
    pub fn device_token(&self, secret_key_id: &str, device: &DeviceId) -> Result<DeviceToken, UnknownSecretKey> {
        derive(&self.purposes(secret_key_id)?.device_token, device.as_str())
    }

    /// A number that depends on the customer number and that nobody without the secret key can compute (PW-13).
    #[must_use]
    pub fn dummy_cost_hash(&self, number: &CustomerNumber) -> u64 {
        let tag = hmac::sign(&self.current.dummy_cost, number.as_str().as_bytes());
        tag.as_ref().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// Makes a challenge for a proof of work.
    #[must_use]
    pub fn challenge(&self, number: &CustomerNumber, level: i32, now: UtcTime) -> Challenge {
        proof_of_work::issue(&self.current.challenge, number, level, now)
    }

    /// Verifies a proof of work; `None` where it is not valid.
    #[must_use]
    pub fn check_proof(&self, number: &CustomerNumber, proof: &str, level: i32, now: UtcTime) -> Option<Proof> {
        let keys: Vec<&hmac::Key> =
            [Some(&self.current), self.previous.as_ref()].into_iter().flatten().map(|key| &key.challenge).collect();
        proof_of_work::check(&keys, number, proof, level, now)
    }

    /// The place that a network is counted at, one of 2^20. There are never more rows than places, and a network that
    /// is limited stays limited, however many others come after it (RL-09). No table holds the network itself.
    #[must_use]
    pub fn source_place(&self, network: &str) -> u32 {
        let tag = hmac::sign(&self.current.source, network.as_bytes());
        tag.as_ref().first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes) >> 12)
    }

    /// Encrypts a value for the database (AES-256-GCM). It opens with the same `context` alone.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<Sealed, Fault> {
        let nonce: [u8; NONCE_LEN] = random_bytes();
        let mut sealed = plain.to_vec();
        self.current
            .seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .map_err(|_| Fault::broken_invariant("sealing"))?;
        let text = BASE64.encode(&[nonce.as_slice(), sealed.as_slice()].concat());
        Ok(Sealed { secret_key_id: self.current.id.clone(), text })
    }

    /// Decrypts a value. It fails where the key is not known or the text was changed.
    pub fn open(&self, context: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, UnknownSecretKey> {
        let purposes = self.purposes(&sealed.secret_key_id)?;
        let bytes = BASE64.decode(sealed.text.as_bytes()).map_err(|_| UnknownSecretKey)?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(UnknownSecretKey)?;
        let mut plain = Zeroizing::new(ciphertext.to_vec());
        let length = purposes
            .seal
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context), &mut plain)
            .map_err(|_| UnknownSecretKey)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    fn purposes(&self, id: &str) -> Result<&Purposes, UnknownSecretKey> {
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .find(|purposes| purposes.id == id)
            .ok_or(UnknownSecretKey)
    }
}

fn derive<For: Purpose>(key: &hmac::Key, id: &str) -> Result<Token<For>, UnknownSecretKey> {
    let tag = hmac::sign(key, id.as_bytes());
    let bits: [u8; 32] = tag.as_ref().try_into().map_err(|_| UnknownSecretKey)?;
    Ok(Token::from_bits(bits))
}

impl Purposes {
    fn derive(secret: &SecretKeyBytes) -> Result<Self, Fault> {
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
            device_token: hmac::Key::new(hmac::HMAC_SHA256, child(b"device-token")?.as_slice()),
            dummy_cost: hmac::Key::new(hmac::HMAC_SHA256, child(b"dummy-cost")?.as_slice()),
            challenge: hmac::Key::new(hmac::HMAC_SHA256, child(b"challenge")?.as_slice()),
            source: hmac::Key::new(hmac::HMAC_SHA256, child(b"source")?.as_slice()),
            seal: LessSafeKey::new(seal),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;
    use secrecy::SecretString;

    fn key(first: u8) -> SecretKeyBytes {
        let bytes: Vec<u8> = (first..first + 32).collect();
        SecretKeyBytes::parse(&SecretString::from(BASE64.encode(&bytes))).unwrap()
    }

    #[test]
    fn tk_02_tokens_follow_from_key_and_link_alone_and_survive_a_rotation() {
        let before = Keyring::new(&key(1), None).unwrap();
        let after = Keyring::new(&key(50), Some(&key(1))).unwrap();
        let stranger = Keyring::new(&key(50), None).unwrap();
        let link = ResetLinkId::mint();
        let token = before.reset_token(before.current_id(), &link).unwrap();
        assert_eq!(token.expose(), after.reset_token(before.current_id(), &link).unwrap().expose());
        assert_ne!(token.expose(), after.reset_token(after.current_id(), &link).unwrap().expose());
        assert_eq!(stranger.reset_token(before.current_id(), &link).err(), Some(UnknownSecretKey));
        assert_ne!(token.expose(), before.reset_token(before.current_id(), &ResetLinkId::mint()).unwrap().expose());
    }

    #[test]
    fn cf_02_what_is_sealed_opens_with_the_same_key_and_context_only() {
        let keyring = Keyring::new(&key(1), None).unwrap();
        let sealed = keyring.seal("kid-1", b"private").unwrap();
        assert_eq!(keyring.open("kid-1", &sealed).unwrap().as_slice(), b"private");
        assert!(keyring.open("kid-2", &sealed).is_err());
        assert!(Keyring::new(&key(2), None).unwrap().open("kid-1", &sealed).is_err());
        let mut bytes = BASE64.decode(sealed.text.as_bytes()).unwrap();
        bytes[14] ^= 1;
        let changed = Sealed { text: BASE64.encode(&bytes), ..sealed };
        assert!(keyring.open("kid-1", &changed).is_err());
    }
}
