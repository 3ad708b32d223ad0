//! The public keys of a machine client, as a JWK set (RFC 7517). They verify the assertions that the client signs.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use serde_json::{Map, Value, json};

use crate::config::JwtAlgorithm;

/// The algorithms that an assertion may name. `Ed25519` is the later name of what `EdDSA` means here (RFC 9864 §2.2), and
/// libraries write either.
pub const ASSERTION_ALGORITHMS: [&str; 4] = ["ES256", "RS256", "EdDSA", "Ed25519"];

/// The most keys of a client. Two serve while a key is replaced.
const MOST_KEYS: usize = 8;
/// The most characters of a key's id.
const LONGEST_KID: usize = 200;
/// The size of an RSA modulus in bits. A larger one makes each assertion cost more than it protects.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// The least public exponent of RSA (FIPS 186-5 §5.1). With 1 anybody could sign.
const LEAST_EXPONENT: u64 = 65_537;
/// The members that make a key private or symmetric (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a text is no set of public keys that the service accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClientKeys {
    /// The text is no JWK set.
    #[error("this is no JWK set: a JSON object with a list of keys in `keys` (RFC 7517)")]
    NotASet,
    /// The set is empty.
    #[error("the set has no key")]
    Empty,
    /// The set is too large.
    #[error("the set has more than {MOST_KEYS} keys")]
    TooMany,
    /// A key cannot be used.
    #[error("key {number} of the set {mistake}")]
    Key {
        /// The number of the key within the set, from 1.
        number: usize,
        /// What is wrong with it.
        mistake: KeyMistake,
    },
}

/// What is wrong with a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyMistake {
    /// It holds what only its owner may know.
    #[error(
        "holds the private member `{0}`: register the public members alone, and replace this key, for others may have \
         read it"
    )]
    Private(&'static str),
    /// Both sides would know it.
    #[error("is symmetric: register a public key")]
    Symmetric,
    /// Its kind is none of those that are accepted.
    #[error("has a kind (`kty`) other than EC, OKP and RSA")]
    UnknownKind,
    /// Its curve is none of those that are accepted.
    #[error("has a curve (`crv`) other than P-256 for EC and Ed25519 for OKP")]
    UnknownCurve,
    /// It is for another algorithm.
    #[error("is for another algorithm (`alg`) than {0}")]
    OtherAlgorithm(JwtAlgorithm),
    /// It is not for signatures.
    #[error("is not for verifying signatures (`use`, `key_ops`)")]
    OtherUse,
    /// A member is missing or malformed.
    #[error("lacks the member `{0}`, or it is malformed")]
    Member(&'static str),
    /// The size of its modulus is not accepted.
    #[error("has an RSA modulus of {0} bits; {start} to {end} are accepted", start = RSA_BITS.start(), end = RSA_BITS.end())]
    RsaSize(usize),
    /// Its exponent is not accepted.
    #[error("has an RSA exponent that is even or less than {LEAST_EXPONENT}")]
    RsaExponent,
    /// Its members do not make a key.
    #[error("is no public key: its members do not belong together")]
    NotAKey,
    /// Another key of the set has the same id.
    #[error("has the `kid` of another key of the set")]
    SameKid,
}

/// The public keys of a client.
#[derive(Debug)]
pub struct ClientKeys(Vec<ClientKey>);

/// One public key.
#[derive(Debug)]
pub(super) struct ClientKey {
    /// The id that assertions name the key by: its own, or its thumbprint (RFC 7638) where it came without.
    pub(super) kid: String,
    /// The one algorithm that the key verifies.
    pub(super) algorithm: JwtAlgorithm,
    key: ParsedPublicKey,
    members: Map<String, Value>,
}

impl ClientKeys {
    /// Reads a JWK set with public keys alone.
    pub fn parse(text: &str) -> Result<Self, InvalidClientKeys> {
        let set: Value = serde_json::from_str(text).map_err(|_| InvalidClientKeys::NotASet)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(InvalidClientKeys::NotASet)?;
        if keys.is_empty() {
            return Err(InvalidClientKeys::Empty);
        }
        if keys.len() > MOST_KEYS {
            return Err(InvalidClientKeys::TooMany);
        }
        let mut parsed: Vec<ClientKey> = Vec::with_capacity(keys.len());
        for (number, key) in (1..).zip(keys) {
            let at = |mistake| InvalidClientKeys::Key { number, mistake };
            let key = ClientKey::parse(key).map_err(at)?;
            if parsed.iter().any(|other| other.kid == key.kid) {
                return Err(at(KeyMistake::SameKid));
            }
            parsed.push(key);
        }
        Ok(Self(parsed))
    }

    /// The set as text, with the public members alone. Each key has its `kid` and its `alg`.
    #[must_use]
    pub fn to_text(&self) -> String {
        json!({ "keys": self.0.iter().map(|key| &key.members).collect::<Vec<_>>() }).to_string()
    }

    /// The ids of the keys.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.kid.as_str())
    }

    /// The keys that an assertion with this header may be signed with. An id is looked up and nothing else (JW-05).
    pub(super) fn candidates<'a>(
        &'a self,
        kid: Option<&'a str>,
        algorithm: JwtAlgorithm,
    ) -> impl Iterator<Item = &'a ClientKey> {
        self.0.iter().filter(move |key| key.algorithm == algorithm && kid.is_none_or(|kid| kid == key.kid))
    }
}

impl ClientKey {
    fn parse(jwk: &Value) -> Result<Self, KeyMistake> {
        let member = |name: &'static str| jwk.get(name).and_then(Value::as_str).ok_or(KeyMistake::Member(name));
        let key_type = member("kty")?;
        if key_type == "oct" {
            return Err(KeyMistake::Symmetric);
        }
        if let Some(name) = SECRET_MEMBERS.into_iter().find(|name| jwk.get(name).is_some()) {
            return Err(KeyMistake::Private(name));
        }
        let (algorithm, names): (_, &[&'static str]) = match key_type {
            "EC" if member("crv")? == "P-256" => (JwtAlgorithm::Es256, &["crv", "x", "y"]),
            "OKP" if member("crv")? == "Ed25519" => (JwtAlgorithm::EdDsa, &["crv", "x"]),
            "EC" | "OKP" => return Err(KeyMistake::UnknownCurve),
            "RSA" => (JwtAlgorithm::Rs256, &["n", "e"]),
            _ => return Err(KeyMistake::UnknownKind),
        };
        check_purpose(jwk, algorithm)?;
        let bytes = |name| {
            let bytes = BASE64URL_NOPAD.decode(member(name)?.as_bytes()).map_err(|_| KeyMistake::Member(name))?;
            if bytes.is_empty() { Err(KeyMistake::Member(name)) } else { Ok(bytes) }
        };
        let key = match algorithm {
            JwtAlgorithm::Es256 => parse_p256(&bytes("x")?, &bytes("y")?)?,
            JwtAlgorithm::EdDsa => ParsedPublicKey::new(&ED25519, bytes("x")?).map_err(|_| KeyMistake::NotAKey)?,
            JwtAlgorithm::Rs256 => parse_rsa(&bytes("n")?, &bytes("e")?)?,
        };
        let mut members = Map::from_iter([("kty".to_owned(), key_type.into())]);
        for name in names {
            members.insert((*name).to_owned(), member(name)?.into());
        }
        let kid = match jwk.get("kid") {
            None => thumbprint(&members)?,
            Some(kid) => {
                let kid = kid.as_str().filter(|kid| (1..=LONGEST_KID).contains(&kid.chars().count()));
                kid.ok_or(KeyMistake::Member("kid"))?.to_owned()
            }
        };
        members.insert("kid".to_owned(), kid.clone().into());
        members.insert("alg".to_owned(), algorithm.as_str().into());
        members.insert("use".to_owned(), "sig".into());
        Ok(Self { kid, algorithm, key, members })
    }

    /// Whether the signature of the message is this key's.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

/// Refuses a key that its owner means for something else (RFC 7517 §4.2 to §4.4).
fn check_purpose(jwk: &Value, algorithm: JwtAlgorithm) -> Result<(), KeyMistake> {
    let named = |alg: &Value| alg.as_str().and_then(self::algorithm);
    if jwk.get("alg").is_some_and(|alg| named(alg) != Some(algorithm)) {
        return Err(KeyMistake::OtherAlgorithm(algorithm));
    }
    let is_for_signatures = jwk.get("use").is_none_or(|purpose| purpose == "sig");
    let verifies = |acts: &Value| acts.as_array().is_some_and(|acts| acts.iter().any(|act| act == "verify"));
    if is_for_signatures && jwk.get("key_ops").is_none_or(verifies) { Ok(()) } else { Err(KeyMistake::OtherUse) }
}

/// The algorithm of a name in [`ASSERTION_ALGORITHMS`].
pub(super) fn algorithm(name: &str) -> Option<JwtAlgorithm> {
    if name == "Ed25519" { Some(JwtAlgorithm::EdDsa) } else { JwtAlgorithm::parse(name).ok() }
}

/// Reads a point of P-256, which has to be on the curve.
fn parse_p256(x: &[u8], y: &[u8]) -> Result<ParsedPublicKey, KeyMistake> {
    const LENGTH: usize = 32;
    for (coordinate, name) in [(x, "x"), (y, "y")] {
        if coordinate.len() != LENGTH {
            return Err(KeyMistake::Member(name));
        }
    }
    // An uncompressed point (SEC 1 §2.3.3).
    let point = [&[4], x, y].concat();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| KeyMistake::NotAKey)
}

fn parse_rsa(n: &[u8], e: &[u8]) -> Result<ParsedPublicKey, KeyMistake> {
    let first = n.first().copied().unwrap_or(0);
    let bits = (n.len() * 8).saturating_sub(usize::try_from(first.leading_zeros()).unwrap_or(0));
    // RFC 7518 §6.3.1.1: without leading zeros.
    if first == 0 {
        return Err(KeyMistake::Member("n"));
    }
    if !RSA_BITS.contains(&bits) {
        return Err(KeyMistake::RsaSize(bits));
    }
    let exponent = e.iter().try_fold(0_u64, |number, byte| Some(number.checked_mul(256)? + u64::from(*byte)));
    if exponent.is_none_or(|exponent| exponent < LEAST_EXPONENT || exponent % 2 == 0) {
        return Err(KeyMistake::RsaExponent);
    }
    let components = RsaPublicKeyComponents { n, e };
    components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).map_err(|_| KeyMistake::NotAKey)
}

/// The thumbprint of a key (RFC 7638), from its public members.
fn thumbprint(members: &Map<String, Value>) -> Result<String, KeyMistake> {
    let jwk: Jwk = serde_json::from_value(Value::Object(members.clone())).map_err(|_| KeyMistake::NotAKey)?;
    jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyMistake::NotAKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7638 §3.1.
    const RSA_N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    /// The example of RFC 7515 appendix A.3.
    const EC: (&str, &str) =
        ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    /// The example of RFC 8037 appendix A.2.
    const ED: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn rsa() -> Value {
        json!({ "kty": "RSA", "n": RSA_N, "e": "AQAB" })
    }

    fn ec() -> Value {
        json!({ "kty": "EC", "crv": "P-256", "x": EC.0, "y": EC.1 })
    }

    fn ed() -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": ED })
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    fn mistake(key: Value) -> KeyMistake {
        let set = Map::from_iter([("keys".to_owned(), Value::Array(vec![ec(), key]))]);
        match ClientKeys::parse(&Value::Object(set).to_string()).unwrap_err() {
            InvalidClientKeys::Key { number: 2, mistake } => mistake,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn jw_01_an_assertion_names_one_of_the_algorithms() {
        let mut named: Vec<JwtAlgorithm> = ASSERTION_ALGORITHMS.into_iter().filter_map(algorithm).collect();
        assert_eq!(named.len(), ASSERTION_ALGORITHMS.len());
        named.dedup();
        assert_eq!(named, JwtAlgorithm::ALL);
        for other in ["none", "HS256", "ES384", "PS256", "Ed448", "es256", ""] {
            assert_eq!(algorithm(other), None, "{other}");
        }
    }

    #[test]
    fn ad_08_a_set_keeps_its_public_keys_under_their_ids() {
        let set = json!({ "keys": [rsa(), with(ec(), "kid", json!("2026")), with(ed(), "x5c", json!(["…"]))] });
        let keys = ClientKeys::parse(&set.to_string()).unwrap();
        let [first, second, third] = keys.kids().collect::<Vec<_>>()[..] else { panic!("three keys") };
        // The thumbprints of RFC 7638 §3.1 and RFC 8037 appendix A.3.
        assert_eq!(first, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!((second, third), ("2026", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
        let text = keys.to_text();
        assert!(!text.contains("x5c"));
        assert_eq!(ClientKeys::parse(&text).unwrap().to_text(), text);
        let named_later = with(ed(), "alg", json!("Ed25519"));
        let keys_named_later = ClientKeys::parse(&json!({ "keys": [named_later] }).to_string()).unwrap();
        assert_eq!(keys_named_later.candidates(None, JwtAlgorithm::EdDsa).count(), 1);
        assert_eq!(keys.candidates(None, JwtAlgorithm::Es256).count(), 1);
        assert_eq!(keys.candidates(Some("2026"), JwtAlgorithm::Es256).count(), 1);
        assert_eq!(keys.candidates(Some("2026"), JwtAlgorithm::Rs256).count(), 0);
        assert_eq!(keys.candidates(Some("../2026"), JwtAlgorithm::Es256).count(), 0);
    }

    #[test]
    fn ad_08_what_is_no_set_of_public_keys_is_refused_with_its_reason() {
        for text in ["", "[]", "{}", "null", "{\"keys\":{}}", &ec().to_string()] {
            assert_eq!(ClientKeys::parse(text).unwrap_err(), InvalidClientKeys::NotASet, "{text}");
        }
        assert_eq!(ClientKeys::parse("{\"keys\":[]}").unwrap_err(), InvalidClientKeys::Empty);
        let many = vec![ec(); MOST_KEYS + 1];
        assert_eq!(
            ClientKeys::parse(&json!({ "keys": many }).to_string()).unwrap_err(),
            InvalidClientKeys::TooMany
        );
    }

    #[test]
    fn ad_08_private_symmetric_and_unknown_keys_are_refused() {
        assert_eq!(mistake(json!({ "kty": "oct", "k": "AAAA" })), KeyMistake::Symmetric);
        for (key, member) in [(ec(), "d"), (ed(), "d"), (rsa(), "d"), (rsa(), "p"), (rsa(), "qi"), (rsa(), "k")] {
            assert_eq!(mistake(with(key, member, json!("AAAA"))), KeyMistake::Private(member));
        }
        assert_eq!(mistake(with(ec(), "kty", json!("ec"))), KeyMistake::UnknownKind);
        assert_eq!(mistake(json!({})), KeyMistake::Member("kty"));
        assert_eq!(mistake(json!("x")), KeyMistake::Member("kty"));
        for curve in ["P-384", "P-521", "secp256k1", "Ed25519", ""] {
            assert_eq!(mistake(with(ec(), "crv", json!(curve))), KeyMistake::UnknownCurve);
        }
        for curve in ["Ed448", "X25519", "P-256"] {
            assert_eq!(mistake(with(ed(), "crv", json!(curve))), KeyMistake::UnknownCurve);
        }
    }

    #[test]
    fn ad_08_a_key_for_something_else_is_refused() {
        assert_eq!(mistake(ec()), KeyMistake::SameKid);
        assert_eq!(mistake(with(rsa(), "alg", json!("PS256"))), KeyMistake::OtherAlgorithm(JwtAlgorithm::Rs256));
        assert_eq!(mistake(with(ed(), "alg", json!("none"))), KeyMistake::OtherAlgorithm(JwtAlgorithm::EdDsa));
        assert_eq!(mistake(with(ed(), "use", json!("enc"))), KeyMistake::OtherUse);
        assert_eq!(mistake(with(ed(), "key_ops", json!(["sign"]))), KeyMistake::OtherUse);
        for kid in [json!(""), json!(7), json!("k".repeat(LONGEST_KID + 1))] {
            assert_eq!(mistake(with(ed(), "kid", kid)), KeyMistake::Member("kid"));
        }
    }

    #[test]
    fn ad_08_weak_and_made_up_keys_are_refused() {
        assert_eq!(mistake(with(rsa(), "e", json!("Aw"))), KeyMistake::RsaExponent);
        assert_eq!(mistake(with(rsa(), "e", json!("AQ"))), KeyMistake::RsaExponent);
        assert_eq!(mistake(with(rsa(), "e", json!("AQAA"))), KeyMistake::RsaExponent);
        let modulus = |length: usize| json!(BASE64URL_NOPAD.encode(&vec![0xff; length]));
        assert_eq!(mistake(with(rsa(), "n", modulus(128))), KeyMistake::RsaSize(1024));
        assert_eq!(mistake(with(rsa(), "n", modulus(255))), KeyMistake::RsaSize(2040));
        assert_eq!(mistake(with(rsa(), "n", modulus(513))), KeyMistake::RsaSize(4104));
        assert_eq!(mistake(with(rsa(), "n", json!(format!("AA{RSA_N}")))), KeyMistake::Member("n"));
        assert_eq!(mistake(with(ec(), "y", json!(EC.0))), KeyMistake::NotAKey);
        assert_eq!(mistake(with(ec(), "x", json!("AAAA"))), KeyMistake::Member("x"));
        assert_eq!(mistake(with(ec(), "x", json!(format!("{}=", EC.0)))), KeyMistake::Member("x"));
        assert_eq!(mistake(with(ed(), "x", json!("AAAA"))), KeyMistake::NotAKey);
    }
}
