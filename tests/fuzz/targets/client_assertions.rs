//! Assertions of machine clients (AD-08, JW-05). A text authenticates its client where it is one that the client has
//! signed, to the byte. What the client's key signs is taken where header and claims are those of RFC 7523, and it is
//! spent by its client and its `jti` alone.

use std::sync::LazyLock;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use stakis_identity::crypto::{AssertionUse, ClientAssertion, ClientKeys};

use super::{
    json_members::Members,
    moment::{NOON, noon},
    test_keys::{ed25519, p256},
    token_input::{TokenInput, sign},
};

const CLIENT: &str = "partnerpartnerpartnerpartn";
const AUDIENCES: [&str; 2] = ["https://login.example.test", "https://login.example.test/oauth2/token"];
/// The key that signs inputs.
const ED25519: u8 = 3;
const P256: u8 = 4;
/// The seconds by which clocks may differ (JW-04).
const LEEWAY: u64 = 60;
/// The longest life of an assertion, in seconds.
const LONGEST_LIFE: u64 = 3600;
const HEADER: [&str; 5] = ["alg", "typ", "kid", "x5t", "x5t#S256"];
const CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

pub(crate) type Taker = fn(&str) -> Option<AssertionUse>;

/// The assertions that the client has signed. `tests/fuzz/make_tokens.py` has made them.
const SIGNED: [&str; 2] = [
    include_str!("../corpus/client_assertions/signed-eddsa"),
    include_str!("../corpus/client_assertions/signed-es256"),
];

static KEYS: LazyLock<ClientKeys> = LazyLock::new(|| {
    let edwards = BASE64URL_NOPAD.encode(ed25519(ED25519).public_key().as_ref());
    let curve = p256(P256, &ECDSA_P256_SHA256_FIXED_SIGNING);
    let (x, y) = curve.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(|part| BASE64URL_NOPAD.encode(part));
    let keys = json!({ "keys": [
        { "kty": "OKP", "crv": "Ed25519", "kid": "edwards", "x": edwards },
        { "kty": "EC", "crv": "P-256", "kid": "curve", "x": x, "y": y },
    ] });
    ClientKeys::parse(&keys.to_string()).unwrap()
});

pub(crate) fn target(bytes: &[u8]) {
    check(take, bytes);
}

/// Verifies an assertion as the service does: by the keys of the client that it names.
pub(crate) fn take(text: &str) -> Option<AssertionUse> {
    let assertion = ClientAssertion::read(text)?;
    let without_keys = assertion.verify(None, AUDIENCES, noon());
    assert_eq!(without_keys, None, "a client without keys is authenticated: {text}");
    let is_known = assertion.client_id()?.as_str() == CLIENT;
    assertion.verify(is_known.then_some(&*KEYS), AUDIENCES, noon())
}

/// Checks what a verifier makes of an assertion.
pub(crate) fn check(take: Taker, bytes: &[u8]) {
    match TokenInput::read(bytes) {
        Some(TokenInput::Token(text)) => {
            assert_eq!(take(text).is_some(), SIGNED.contains(&text), "{text}");
        }
        Some(TokenInput::Unsigned { header, claims }) => check_unsigned(take, header, claims),
        None => {}
    }
}

fn check_unsigned(take: Taker, header: &[u8], claims: &[u8]) {
    let text = sign(&ed25519(ED25519), header, claims);
    let used = take(&text);
    let are_objects = [header, claims].iter().all(|part| part.trim_ascii_start().first() == Some(&b'{'));
    assert!(are_objects || used.is_none(), "{text}");
    // The service reads some texts that are no objects of a tree: a claim that means nothing here may hold a number that
    // no tree has room for.
    let (Some(header), Some(read)) = (Members::read(header), Members::read(claims)) else { return };
    assert_eq!(used.is_some(), is_header(&header) && are_claims(&read), "{text}");
    if let Some(used) = used {
        assert_eq!(read.single("exp").and_then(Value::as_i64), Some(used.expires_at.and_utc().timestamp()));
        check_use(take, claims, &used);
    }
}

/// Checks that an assertion is spent together with every other one of its client and its `jti`, and with no other.
fn check_use(take: Taker, claims: &[u8], used: &AssertionUse) {
    let mut changed: Value = serde_json::from_slice(claims).unwrap();
    changed["exp"] = json!(NOON + 1);
    changed["more"] = json!("means nothing here");
    let used_by = |claims: &Value| {
        let text = sign(&ed25519(ED25519), br#"{"alg":"Ed25519","kid":"edwards"}"#, claims.to_string().as_bytes());
        take(&text).unwrap().id
    };
    assert_eq!(used_by(&changed), used.id, "one `jti` serves twice");
    changed["jti"] = json!(format!("{} ", changed["jti"].as_str().unwrap()));
    assert_ne!(used_by(&changed), used.id, "another `jti` is spent with it");
}

fn is_header(header: &Members) -> bool {
    let is_left_out_or = |name: &str, known: &[&str]| match header.single(name) {
        Some(Value::Null) => true,
        Some(Value::String(text)) => known.iter().any(|known| known.eq_ignore_ascii_case(text)),
        _ => false,
    };
    !header.has_a_name_twice()
        && header.names().all(|name| HEADER.contains(&name))
        && matches!(header.text("alg"), Some("EdDSA" | "Ed25519"))
        && is_left_out_or("typ", &["JWT", "client-authentication+jwt"])
        && header.single("kid").is_some_and(|kid| kid.is_null() || kid == "edwards")
}

/// Whether the claims are those of the client, for this service and of now. Others may be there, and also twice.
fn are_claims(claims: &Members) -> bool {
    let seconds = |name| claims.single(name).and_then(Value::as_u64);
    let has_begun =
        |name| claims.single(name) == Some(&Value::Null) || seconds(name).is_some_and(|at| at <= NOON + LEEWAY);
    let audience = match claims.single("aud") {
        Some(Value::Array(list)) if list.len() == 1 => list[0].as_str(),
        Some(single) => single.as_str(),
        None => None,
    };
    CLAIMS.iter().all(|name| claims.single(name).is_some())
        && claims.text("iss") == Some(CLIENT)
        && claims.text("sub") == Some(CLIENT)
        && audience.is_some_and(|audience| AUDIENCES.contains(&audience))
        && seconds("exp").is_some_and(|end| end > NOON && end <= NOON + LONGEST_LIFE + LEEWAY)
        && has_begun("nbf")
        && has_begun("iat")
        && claims.text("jti").is_some_and(|jti| !jti.is_empty())
}
