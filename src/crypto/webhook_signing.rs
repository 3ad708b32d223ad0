//! The signatures of webhooks, after Standard Webhooks 1.0.0 ("Signature scheme", "Webhook headers"): `v1` is an
//! HMAC-SHA-256 with a secret that both sides have, and `v1a` is an Ed25519 signature that anybody verifies with the public
//! key. Each endpoint has keys of its own (WH-05). At rest they are sealed, and open for their own endpoint alone.

use std::fmt;

use aws_lc_rs::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, KeyAlgorithm, OctetKeyPairParameters,
    OctetKeyPairType, PublicKeyUse, ThumbprintHash,
};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::keyring::{Keyring, Sealed, UnknownSecretKey};
use crate::types::{EventId, Fault, WebhookEndpointId, random_bytes};

/// The bytes of a secret and of the seed of a key pair. The specification asks for 24 to 64 bytes of a secret; RFC 8032
/// §5.1.5 sets the 32 bytes of a seed.
const KEY_BYTES: usize = 32;

/// The random bytes that a key is made of.
type KeyBytes = Zeroizing<[u8; KEY_BYTES]>;

/// The context that a secret is sealed in. What is sealed for another purpose or another endpoint does not open with it.
fn secret_context(endpoint: &WebhookEndpointId) -> String {
    format!("webhook-secret/{endpoint}")
}

/// The context that a key pair is sealed in.
fn key_pair_context(endpoint: &WebhookEndpointId) -> String {
    format!("webhook-key-pair/{endpoint}")
}

/// Opens what [`Keyring::seal`] has sealed in the context.
fn open(keyring: &Keyring, context: &str, sealed: &Sealed) -> Result<KeyBytes, UnknownSecretKey> {
    let plain = keyring.open(context, sealed)?;
    plain.as_slice().try_into().map(Zeroizing::new).map_err(|_| UnknownSecretKey)
}

/// A secret that an endpoint and this service share, for signatures of the version `v1`.
pub struct WebhookSecret(KeyBytes);

impl WebhookSecret {
    /// Makes a secret of 32 random bytes.
    #[must_use]
    pub fn generate() -> Self {
        Self(Zeroizing::new(random_bytes()))
    }

    /// Shows the secret to its endpoint's owner, as `whsec_` and the bytes in Base64. The secret is used up, so that nobody is
    /// shown it twice: seal it before.
    #[must_use]
    pub fn reveal(self) -> SecretString {
        let text = Zeroizing::new(BASE64.encode(self.0.as_slice()));
        SecretString::from(format!("whsec_{}", text.as_str()))
    }

    /// Encrypts the secret for the database. It opens for the same endpoint alone.
    pub fn seal(&self, keyring: &Keyring, endpoint: &WebhookEndpointId) -> Result<Sealed, Fault> {
        keyring.seal(&secret_context(endpoint), self.0.as_slice())
    }

    /// Decrypts a secret. It fails where the secret key is not known, the text was changed, or the endpoint is another one.
    pub fn open(
        keyring: &Keyring,
        endpoint: &WebhookEndpointId,
        sealed: &Sealed,
    ) -> Result<Self, UnknownSecretKey> {
        open(keyring, &secret_context(endpoint), sealed).map(Self)
    }

    fn sign(&self, signed: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice());
        format!("v1,{}", BASE64.encode(hmac::sign(&key, signed).as_ref()))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret(…)")
    }
}

/// An Ed25519 key pair (RFC 8032) of one endpoint, for signatures of the version `v1a`. The private key never leaves the
/// service.
pub struct WebhookKeyPair {
    seed: KeyBytes,
    pair: Ed25519KeyPair,
}

impl WebhookKeyPair {
    /// Makes a key pair from 32 random bytes.
    pub fn generate() -> Result<Self, Fault> {
        Self::from_seed(Zeroizing::new(random_bytes()))
            .ok_or_else(|| Fault::broken_invariant("making the key pair of a webhook endpoint"))
    }

    /// Derives the pair; `None` where the library refuses the seed.
    fn from_seed(seed: KeyBytes) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).ok()?;
        Some(Self { seed, pair })
    }

    /// The public half, which may be stored and published.
    #[must_use]
    pub fn public(&self) -> WebhookPublicKey {
        WebhookPublicKey { x: BASE64URL_NOPAD.encode(self.pair.public_key().as_ref()) }
    }

    /// Encrypts the private key for the database. It opens for the same endpoint alone.
    pub fn seal(&self, keyring: &Keyring, endpoint: &WebhookEndpointId) -> Result<Sealed, Fault> {
        keyring.seal(&key_pair_context(endpoint), self.seed.as_slice())
    }

    /// Decrypts a key pair. It fails where the secret key is not known, the text was changed, or the endpoint is another one.
    pub fn open(
        keyring: &Keyring,
        endpoint: &WebhookEndpointId,
        sealed: &Sealed,
    ) -> Result<Self, UnknownSecretKey> {
        Self::from_seed(open(keyring, &key_pair_context(endpoint), sealed)?).ok_or(UnknownSecretKey)
    }

    fn sign(&self, signed: &[u8]) -> String {
        format!("v1a,{}", BASE64.encode(self.pair.sign(signed).as_ref()))
    }
}

impl fmt::Debug for WebhookKeyPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "WebhookKeyPair({}, …)", self.public().x)
    }
}

/// The public half of a [`WebhookKeyPair`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookPublicKey {
    x: String,
}

impl WebhookPublicKey {
    /// Reads a public key that [`Self::x`] has written; `None` where the text is not the Base64 of 32 bytes.
    #[must_use]
    pub fn from_x(x: String) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(x.as_bytes()).ok()?;
        (bytes.len() == KEY_BYTES).then_some(Self { x })
    }

    /// The public key in Base64 for URLs without padding, as the member `x` of a JWK has it (RFC 8037 §2).
    #[must_use]
    pub fn x(&self) -> &str {
        &self.x
    }

    /// The public key as a JWK (RFC 8037 §2) with `use`, `alg` and a `kid`, which is the thumbprint of RFC 7638.
    pub fn jwk(&self) -> Result<Jwk, Fault> {
        let algorithm = AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
            key_type: OctetKeyPairType::OctetKeyPair,
            curve: EllipticCurve::Ed25519,
            x: self.x.clone(),
        });
        let common = CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(KeyAlgorithm::EdDSA),
            ..CommonParameters::default()
        };
        let mut jwk = Jwk { common, algorithm };
        let kid = jwk.thumbprint(ThumbprintHash::SHA256);
        jwk.common.key_id = Some(kid.map_err(|error| Fault::internal("the thumbprint of a webhook's key", error))?);
        Ok(jwk)
    }

    /// The public key in the specification's own form, `whpk_` and the bytes in Base64.
    #[must_use]
    pub fn whpk(&self) -> String {
        let bytes = BASE64URL_NOPAD.decode(self.x.as_bytes()).unwrap_or_default();
        format!("whpk_{}", BASE64.encode(&bytes))
    }
}

/// One attempt to deliver an event.
#[derive(Debug, Clone, Copy)]
pub struct WebhookMessage<'a> {
    /// The id of the event, the same in every attempt.
    pub id: &'a EventId,
    /// The moment of the attempt, in seconds since 1970.
    pub timestamp: i64,
    /// The body, byte for byte as it is sent.
    pub body: &'a [u8],
}

impl WebhookMessage<'_> {
    /// Signs the attempt with every key that is live, and returns the names and values of its three headers. The signatures
    /// stand in the order of the keys, all of `v1` before those of `v1a`.
    #[must_use]
    pub fn headers<'k>(
        &self,
        secrets: impl IntoIterator<Item = &'k WebhookSecret>,
        key_pairs: impl IntoIterator<Item = &'k WebhookKeyPair>,
    ) -> [(&'static str, String); 3] {
        let Self { id, timestamp, body } = self;
        let signed = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
        let v1 = secrets.into_iter().map(|secret| secret.sign(&signed));
        let v1a = key_pairs.into_iter().map(|pair| pair.sign(&signed));
        let signatures: Vec<String> = v1.chain(v1a).collect();
        [
            ("webhook-id", id.to_string()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    use super::*;
    use crate::config::SecretKeyBytes;

    /// The message, the keys and the signatures of the specification's examples and the libraries' tests.
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const MOMENT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const V1: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const SEED: &str = "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=";
    const WHPK: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    const V1A: &str =
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
    const OTHER_V1A: &str =
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==";

    fn bytes(text: &str) -> KeyBytes {
        Zeroizing::new(BASE64.decode(text.as_bytes()).unwrap().try_into().unwrap())
    }

    fn pair(seed: &str) -> WebhookKeyPair {
        WebhookKeyPair::from_seed(bytes(seed)).unwrap()
    }

    fn signatures(secrets: &[WebhookSecret], key_pairs: &[WebhookKeyPair]) -> String {
        let id = EventId::from_text(ID.to_owned());
        let message = WebhookMessage { id: &id, timestamp: MOMENT, body: BODY };
        let [(_, id), (_, moment), (name, signatures)] = message.headers(secrets, key_pairs);
        assert_eq!((&*id, &*moment, name), (ID, "1614265330", "webhook-signature"));
        signatures
    }

    fn keyring(first: u8) -> Keyring {
        let text = BASE64.encode(&(first..first + 32).collect::<Vec<u8>>());
        Keyring::new(&SecretKeyBytes::parse(&SecretString::from(text)).unwrap(), None).unwrap()
    }

    #[test]
    fn wh_05_v1a_signs_as_the_specification_and_the_libraries_do() {
        let pair_of_specification = pair(SEED);
        assert_eq!(pair_of_specification.public().whpk(), WHPK);
        let other = pair("VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=");
        assert_eq!(signatures(&[], &[pair_of_specification, other]), format!("{V1A} {OTHER_V1A}"));
    }

    /// The secret of the reference vector has 24 bytes, and those that this service makes have 32. HMAC fills a key up with
    /// zeros (RFC 2104 §2), so the longer one signs the same.
    #[test]
    fn wh_05_v1_signs_as_the_reference_vector_and_stands_before_v1a() {
        let secret = || WebhookSecret(bytes("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAAAAAAAAA="));
        assert_eq!(signatures(&[secret()], &[]), V1);
        let other = WebhookSecret::generate();
        let expected = format!("{V1} {} {V1A}", signatures(std::slice::from_ref(&other), &[]));
        assert_eq!(signatures(&[secret(), other], &[pair(SEED)]), expected);
    }

    /// The example of RFC 8037, appendices A.1 to A.3.
    #[test]
    fn wh_05_the_public_key_is_the_jwk_of_rfc_8037_with_its_thumbprint() {
        let pair = pair("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=");
        let jwk = serde_json::to_value(pair.public().jwk().unwrap()).unwrap();
        let expected = json!({
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        });
        assert_eq!(jwk, expected);
        let x = pair.public().x().to_owned();
        assert_eq!(WebhookPublicKey::from_x(x.clone()), Some(pair.public()));
        for wrong in [String::new(), x.replace('_', "/"), format!("{x}AA"), x[1..].to_owned()] {
            assert_eq!(WebhookPublicKey::from_x(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn wh_05_keys_open_for_their_own_endpoint_and_purpose_alone() {
        let (mine, other) = (WebhookEndpointId::mint(), WebhookEndpointId::mint());
        let (ring, stranger) = (keyring(1), keyring(2));
        let (secret, pair) = (WebhookSecret::generate(), WebhookKeyPair::generate().unwrap());
        let before = signatures(std::slice::from_ref(&secret), std::slice::from_ref(&pair));
        let sealed_secret = secret.seal(&ring, &mine).unwrap();
        let sealed_pair = pair.seal(&ring, &mine).unwrap();
        let opened_secret = WebhookSecret::open(&ring, &mine, &sealed_secret).unwrap();
        let opened_pair = WebhookKeyPair::open(&ring, &mine, &sealed_pair).unwrap();
        assert_eq!(signatures(&[opened_secret], &[opened_pair]), before);
        for (ring, endpoint, secret, pair) in [
            (&ring, &other, &sealed_secret, &sealed_pair),
            (&stranger, &mine, &sealed_secret, &sealed_pair),
            (&ring, &mine, &sealed_pair, &sealed_secret),
        ] {
            assert_eq!(WebhookSecret::open(ring, endpoint, secret).err(), Some(UnknownSecretKey));
            assert_eq!(WebhookKeyPair::open(ring, endpoint, pair).err(), Some(UnknownSecretKey));
        }
        let too_short = ring.seal(&secret_context(&mine), &[7; 31]).unwrap();
        assert_eq!(WebhookSecret::open(&ring, &mine, &too_short).err(), Some(UnknownSecretKey));
    }

    #[test]
    fn wh_05_a_secret_is_shown_as_whsec_and_printed_never() {
        let secret = WebhookSecret::generate();
        assert_eq!(format!("{secret:?}"), "WebhookSecret(…)");
        let pair = WebhookKeyPair::generate().unwrap();
        let printed = format!("{pair:?}");
        assert_eq!(printed, format!("WebhookKeyPair({}, …)", pair.public().x()));
        let text = secret.reveal().expose_secret().to_owned();
        let shown = BASE64.decode(text.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
        assert_eq!(shown.len(), KEY_BYTES);
        assert_ne!(text, WebhookSecret::generate().reveal().expose_secret());
    }
}
