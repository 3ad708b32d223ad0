//! Access tokens (JW-01). A text is taken where it is a token that was issued, to the byte. What the service's own key
//! signs is taken where header and claims are those of a kind of token that the service issues, and it is of that kind
//! alone.

use std::sync::LazyLock;

use chrono::TimeDelta;
use serde_json::Value;
use stakis_identity::{
    config::JwtAlgorithm,
    crypto::{CUSTOMER_CLIENT, InvalidAccessToken, ScheduledKey, Signer, SigningKey},
    types::Scopes,
};

use super::{
    json_members::Members,
    moment::{NOON, noon},
    test_keys::{ed25519, ed25519_document, p256_document},
    token_input::{TokenInput, sign},
};

const ISSUER: &str = "https://login.example.test";
const AUDIENCE: &str = "https://api.example.test";
/// The key that signs inputs.
const ED25519: u8 = 1;
const P256: u8 = 2;
/// The seconds by which clocks may differ (JW-04).
const LEEWAY: u64 = 60;
const HEADER: [&str; 3] = ["alg", "kid", "typ"];
const FRAME: [&str; 7] = ["iss", "aud", "sub", "client_id", "iat", "exp", "jti"];

/// What a token is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Customer,
    Machine,
    Expired,
    Refused,
}

pub(crate) type Taker = fn(&str) -> Taken;

/// The tokens that were issued. `tests/fuzz/make_tokens.py` has made them.
const ISSUED: [(&str, Taken); 5] = [
    (include_str!("../corpus/access_tokens/issued-customer-eddsa"), Taken::Customer),
    (include_str!("../corpus/access_tokens/issued-customer-es256"), Taken::Customer),
    (include_str!("../corpus/access_tokens/issued-machine-eddsa"), Taken::Machine),
    (include_str!("../corpus/access_tokens/issued-machine-es256"), Taken::Machine),
    (include_str!("../corpus/access_tokens/issued-expired-eddsa"), Taken::Expired),
];

static KID: LazyLock<String> = LazyLock::new(|| edwards_key().kid().to_owned());

static SIGNER: LazyLock<Signer> = LazyLock::new(|| {
    let curve = SigningKey::from_pkcs8(JwtAlgorithm::Es256, &p256_document(P256)).unwrap();
    let keys = [edwards_key(), curve].map(|key| ScheduledKey { key, signs_from: noon() });
    Signer::new(keys.into(), ISSUER.to_owned(), AUDIENCE.to_owned(), TimeDelta::minutes(10))
});

fn edwards_key() -> SigningKey {
    SigningKey::from_pkcs8(JwtAlgorithm::EdDsa, &ed25519_document(ED25519)).unwrap()
}

pub(crate) fn target(bytes: &[u8]) {
    check(take, bytes);
}

/// What the service takes a token for.
pub(crate) fn take(token: &str) -> Taken {
    let (customer, machine) = (SIGNER.verify(token, noon()), SIGNER.verify_machine(token, noon()));
    match (customer.map(drop), machine.map(drop)) {
        (Ok(()), Ok(())) => panic!("a token is of both kinds"),
        (Ok(()), Err(_)) => Taken::Customer,
        (Err(_), Ok(())) => Taken::Machine,
        (Err(InvalidAccessToken::Expired), _) | (_, Err(InvalidAccessToken::Expired)) => Taken::Expired,
        (Err(_), Err(_)) => Taken::Refused,
    }
}

/// Checks what a verifier takes a token for.
pub(crate) fn check(take: Taker, bytes: &[u8]) {
    match TokenInput::read(bytes) {
        Some(TokenInput::Token(token)) => {
            let issued = ISSUED.iter().find(|(issued, _)| *issued == token);
            assert_eq!(take(token), issued.map_or(Taken::Refused, |(_, taken)| *taken), "{token}");
        }
        Some(TokenInput::Unsigned { header, claims }) => {
            let token = sign(&ed25519(ED25519), header, claims);
            let meant = if is_header(header) { kind_of(claims) } else { Taken::Refused };
            assert_eq!(take(&token), meant, "{token}");
        }
        None => {}
    }
}

fn is_header(text: &[u8]) -> bool {
    let Some(header) = Members::read(text) else { return false };
    has_only(&header, &HEADER)
        && header.text("typ") == Some("at+jwt")
        && header.text("alg") == Some("EdDSA")
        && header.text("kid") == Some(&KID)
}

/// Whether an object has these members alone, and none twice.
fn has_only(object: &Members, known: &[&str]) -> bool {
    !object.has_a_name_twice() && object.names().all(|name| known.contains(&name))
}

fn kind_of(text: &[u8]) -> Taken {
    let Some(claims) = Members::read(text) else { return Taken::Refused };
    let kind = match claims.text("client_id") {
        Some(CUSTOMER_CLIENT) if is_of_customer(&claims) => Taken::Customer,
        Some(client) if client != CUSTOMER_CLIENT && is_of_machine(&claims, client) => Taken::Machine,
        _ => return Taken::Refused,
    };
    let number = |name| claims.single(name).and_then(Value::as_u64);
    let is_ours = claims.text("iss") == Some(ISSUER)
        && claims.text("aud") == Some(AUDIENCE)
        && claims.text("jti").is_some_and(|jti| !jti.is_empty())
        && number("iat").is_some_and(|issued| issued <= NOON + LEEWAY);
    match number("exp") {
        Some(end) if is_ours && end > NOON => kind,
        Some(_) if is_ours => Taken::Expired,
        _ => Taken::Refused,
    }
}

fn is_of_customer(claims: &Members) -> bool {
    let is_epoch = |epoch: &Value| epoch.as_i64().is_some_and(|epoch| i32::try_from(epoch).is_ok());
    has_only(claims, &[&FRAME[..], &["sid", "epoch"]].concat())
        && claims.text("sub").is_some()
        && claims.text("sid").is_some()
        && claims.single("epoch").is_some_and(is_epoch)
}

fn is_of_machine(claims: &Members, client: &str) -> bool {
    has_only(claims, &[&FRAME[..], &["scope", "sid"]].concat())
        && claims.text("sub") == Some(client)
        && claims.text("scope").is_some_and(|scope| Scopes::parse(scope).is_ok())
        && claims.single("sid").is_some_and(|session| session.is_null() || session.is_string())
}
