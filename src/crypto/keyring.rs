//! The keys of every purpose, derived from one secret key under a label each (RFC 5869).

use std::iter;

use aws_lc_rs::{
    aead::{Aad, NONCE_LEN, Nonce},
    constant_time, hmac,
};
use data_encoding::{BASE64, HEXLOWER};
use zeroize::Zeroizing;

use super::{
    proof_of_work::{self, Challenge, Proof},
    purposes::{DEVICE_SECRET, Purposes},
    trail_key::TrailKey,
};
use crate::{
    config::SecretKeyBytes,
    types::{
        CallerCode, CallerCodeId, CustomerNumber, DeviceId, DeviceToken, EmailChangeId, EmailConfirmToken,
        EmailWithdrawToken, Fault, LockDownToken, MailId, Purpose, RefreshToken, RefreshTokenId, ResetLinkId,
        ResetToken, Token, UtcTime, random_bytes,
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

/// How many bits of a place each block of addresses decides, the widest first.
const BITS_OF_BLOCKS: [u32; 3] = [10, 7, 7];

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

    /// Derives the token that confirms a change of the address, as [`Self::reset_token`] derives that of a reset link.
    pub fn email_confirm_token(
        &self,
        secret_key_id: &str,
        change: &EmailChangeId,
    ) -> Result<EmailConfirmToken, UnknownSecretKey> {
        derive(&self.purposes(secret_key_id)?.email_confirm_token, change.as_str())
    }

    /// Derives the token that withdraws a change of the address.
    pub fn email_withdraw_token(
        &self,
        secret_key_id: &str,
        change: &EmailChangeId,
    ) -> Result<EmailWithdrawToken, UnknownSecretKey> {
        derive(&self.purposes(secret_key_id)?.email_withdraw_token, change.as_str())
    }

    /// Derives the token of the lock-down link in a notice, from the id of the notice.
    pub fn lock_down_token(&self, secret_key_id: &str, notice: &MailId) -> Result<LockDownToken, UnknownSecretKey> {
        derive(&self.purposes(secret_key_id)?.lock_down_token, notice.as_str())
    }

    /// Derives the code that a caller reads out from the id of support's question. A table of codes, or of their hashes,
    /// could be searched through in a moment; this one takes the secret key (OW-11).
    pub fn caller_code(&self, secret_key_id: &str, id: &CallerCodeId) -> Result<CallerCode, UnknownSecretKey> {
        let tag = hmac::sign(&self.purposes(secret_key_id)?.caller_code, id.as_str().as_bytes());
        let bits = tag.as_ref().first_chunk().ok_or(UnknownSecretKey)?;
        Ok(CallerCode::from_bits(u64::from_be_bytes(*bits)))
    }

    /// Derives a refresh token from its random id in the same way, so that any instance can hand it out a second time
    /// where the answer was lost (JW-09).
    pub fn refresh_token(
        &self,
        secret_key_id: &str,
        id: &RefreshTokenId,
    ) -> Result<RefreshToken, UnknownSecretKey> {
        derive(&self.purposes(secret_key_id)?.refresh_token, id.as_str())
    }

    /// Derives the token of a device of the account with this number, so that a refresh can return a token that no table
    /// holds. The first half is secret, and the second one shows that this service made it for the number.
    pub fn device_token(
        &self,
        secret_key_id: &str,
        device: &DeviceId,
        number: &CustomerNumber,
    ) -> Result<DeviceToken, UnknownSecretKey> {
        let purposes = self.purposes(secret_key_id)?;
        let secret = hmac::sign(&purposes.device_token, device.as_str().as_bytes());
        let secret = secret.as_ref().first_chunk().ok_or(UnknownSecretKey)?;
        let proof = purposes.device_proof(secret, number);
        let mut bits = [0; 32];
        let (first, second) = bits.split_at_mut(DEVICE_SECRET);
        first.copy_from_slice(secret);
        second.copy_from_slice(&proof);
        Ok(Token::from_bits(bits))
    }

    /// Whether this service has made the text as a device token for the number. It tells so without a look-up, and says
    /// nothing of whether the device is still known.
    #[must_use]
    pub fn has_made_device_token(&self, text: &str, number: &CustomerNumber) -> bool {
        let Some(bits) = DeviceToken::bits_of_presented(text) else { return false };
        let (secret, proof) = bits.split_at(DEVICE_SECRET);
        let Some(secret) = secret.first_chunk() else { return false };
        self.all().any(|purposes| {
            constant_time::verify_slices_are_equal(&purposes.device_proof(secret, number), proof).is_ok()
        })
    }

    /// A number that depends on the customer number and that nobody without the secret key can compute (PW-13).
    #[must_use]
    pub fn dummy_cost_hash(&self, number: &CustomerNumber) -> u64 {
        let tag = hmac::sign(&self.current.dummy_cost, number.as_str().as_bytes());
        tag.as_ref().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// Whether values were made with this key that can still be compared.
    #[must_use]
    pub fn knows(&self, secret_key_id: &str) -> bool {
        self.purposes(secret_key_id).is_ok()
    }

    /// Makes a challenge for a proof of work.
    #[must_use]
    pub fn challenge(&self, number: &CustomerNumber, level: i32, now: UtcTime) -> Challenge {
        proof_of_work::issue(&self.current.challenge, number, level, now)
    }

    /// Verifies a proof of work; `None` where it is not valid.
    #[must_use]
    pub fn check_proof(&self, number: &CustomerNumber, proof: &str, level: i32, now: UtcTime) -> Option<Proof> {
        let keys: Vec<&hmac::Key> = self.all().map(|purposes| &purposes.challenge).collect();
        proof_of_work::check(&keys, number, proof, level, now)
    }

    /// The place that a source is counted at, one of 2^24. There are never more rows than places, and a source that is
    /// limited stays limited, however many others come after it (RL-09). No table holds the source itself.
    ///
    /// `blocks` are the blocks of addresses that the source lies in, the widest first, and the source itself as the
    /// last. Each decides a part of the place. An attacker with a whole block can therefore fill its own places alone: a
    /// thousandth of all with the widest, and the share of 2^-17 with the next.
    #[must_use]
    pub fn source_place(&self, blocks: &[String; 3]) -> u32 {
        let parts = (0_u8..).zip(blocks).zip(BITS_OF_BLOCKS);
        parts.fold(0, |place, ((level, block), bits)| {
            // The level goes in, since a source may be as wide as the block around it.
            let tag = hmac::sign(&self.current.source, format!("{level} {block}").as_bytes());
            let part =
                tag.as_ref().first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes) >> (u32::BITS - bits));
            (place << bits) | part
        })
    }

    /// A keyed hash of a source or a network, from which nobody without the secret key can read the address.
    #[must_use]
    pub fn source_hash(&self, network: &str) -> String {
        let tag = hmac::sign(&self.current.source, network.as_bytes());
        HEXLOWER.encode(tag.as_ref().get(..16).unwrap_or_default())
    }

    /// A keyed hash of a value, from which nobody without the secret key can read the value, however few values there are.
    /// The same value has another hash for another `purpose`.
    #[must_use]
    pub fn fingerprint(&self, purpose: &str, value: &[u8]) -> String {
        self.current.fingerprint(purpose, value)
    }

    /// The hashes of a value under the present secret key and, during a rotation, the previous one, by which a stored hash
    /// is found.
    #[must_use]
    pub fn fingerprints(&self, purpose: &str, value: &[u8]) -> Vec<String> {
        self.all().map(|purposes| purposes.fingerprint(purpose, value)).collect()
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

    /// The key that signs the heads of the audit trail.
    #[must_use]
    pub const fn trail_key(&self) -> &TrailKey {
        &self.current.trail
    }

    /// Finds the key with this id: that of the present secret key or, during a rotation, of the previous one.
    #[must_use]
    pub fn find_trail_key(&self, id: &str) -> Option<&TrailKey> {
        self.all().map(|purposes| &purposes.trail).find(|key| key.id() == id)
    }

    fn purposes(&self, id: &str) -> Result<&Purposes, UnknownSecretKey> {
        self.all().find(|purposes| purposes.id == id).ok_or(UnknownSecretKey)
    }

    fn all(&self) -> impl Iterator<Item = &Purposes> {
        iter::once(&self.current).chain(&self.previous)
    }
}

fn derive<For: Purpose>(key: &hmac::Key, id: &str) -> Result<Token<For>, UnknownSecretKey> {
    let tag = hmac::sign(key, id.as_bytes());
    let bits: [u8; 32] = tag.as_ref().try_into().map_err(|_| UnknownSecretKey)?;
    Ok(Token::from_bits(bits))
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
    fn ow_11_a_caller_code_follows_from_key_and_id_and_survives_a_rotation() {
        let before = Keyring::new(&key(1), None).unwrap();
        let after = Keyring::new(&key(50), Some(&key(1))).unwrap();
        let stranger = Keyring::new(&key(50), None).unwrap();
        let ids: Vec<CallerCodeId> = (0..50).map(|_| CallerCodeId::mint()).collect();
        let codes: Vec<CallerCode> =
            ids.iter().map(|id| before.caller_code(before.current_id(), id).unwrap()).collect();
        for (id, code) in ids.iter().zip(&codes) {
            assert!(code.matches(&after.caller_code(before.current_id(), id).unwrap()));
            assert_eq!(stranger.caller_code(before.current_id(), id).err(), Some(UnknownSecretKey));
        }
        let different: std::collections::HashSet<&str> = codes.iter().map(CallerCode::expose).collect();
        assert!(different.len() > 45, "{different:?}");
        let others = ids.iter().map(|id| after.caller_code(after.current_id(), id).unwrap());
        assert!(others.zip(&codes).filter(|(other, code)| other.matches(code)).count() < 5);
    }

    #[test]
    fn jw_09_a_refresh_token_follows_from_key_and_id_alone_and_is_no_link() {
        let before = Keyring::new(&key(1), None).unwrap();
        let after = Keyring::new(&key(50), Some(&key(1))).unwrap();
        let stranger = Keyring::new(&key(50), None).unwrap();
        let id = RefreshTokenId::mint();
        let token = before.refresh_token(before.current_id(), &id).unwrap();
        assert_eq!(token.expose(), after.refresh_token(before.current_id(), &id).unwrap().expose());
        assert_eq!(stranger.refresh_token(before.current_id(), &id).err(), Some(UnknownSecretKey));
        assert_ne!(
            token.expose(),
            before.refresh_token(before.current_id(), &RefreshTokenId::mint()).unwrap().expose()
        );
        let link = ResetLinkId::from_text(id.as_str().to_owned());
        assert_ne!(token.expose(), before.reset_token(before.current_id(), &link).unwrap().expose());
    }

    #[test]
    fn rl_04_a_device_token_shows_for_which_number_it_was_made() {
        let before = Keyring::new(&key(1), None).unwrap();
        let after = Keyring::new(&key(50), Some(&key(1))).unwrap();
        let stranger = Keyring::new(&key(50), None).unwrap();
        let number = |text| CustomerNumber::parse(text).unwrap();
        let token = before.device_token(before.current_id(), &DeviceId::mint(), &number("004217")).unwrap();
        for (keyring, text, number, made) in [
            (&before, token.expose().to_owned(), number("004217"), true),
            (&after, format!(" {}\n", token.expose()), number("004217"), true),
            (&before, token.expose().to_owned(), number("004218"), false),
            (&stranger, token.expose().to_owned(), number("004217"), false),
            (&before, DeviceToken::from_bits(random_bytes()).expose().to_owned(), number("004217"), false),
            (&before, "x".to_owned(), number("004217"), false),
        ] {
            assert_eq!(keyring.has_made_device_token(&text, &number), made, "{text} {number:?}");
        }
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
