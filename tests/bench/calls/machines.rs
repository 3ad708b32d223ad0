//! The operations of machine clients: partners and support.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};
use stakis_identity::types::{Clock as _, SystemClock};

use super::{
    connection::post,
    customers::{Sessions, bearer, number},
    names,
    operation::Operation,
};
use crate::service::Service;

const FORM: &str = "application/x-www-form-urlencoded";
const GRANT: &str = "grant_type=client_credentials";
/// The customers about whom support asks, in turns: fewer than one client may ask about.
const DIAGNOSED: u32 = 250;

/// A partner with a secret, which also asks in the place of support.
pub(super) struct Partner {
    basic: String,
    access_token: String,
}

impl Partner {
    pub(super) async fn register(service: &Service) -> Self {
        let words = ["client", "create", "--name", "Benchmark", "--scope", "support:read accounts:read", "--json"];
        let made = service.command(&words, "");
        let [id, secret] = ["client_id", "client_secret"].map(|name| made[name].as_str().unwrap().to_owned());
        let address = service.url.join("/oauth2/token").unwrap();
        let request = service.client.post(address).basic_auth(&id, Some(&secret)).header("content-type", FORM);
        let answer: Value = request.body(GRANT).send().await.unwrap().json().await.unwrap();
        let basic = format!("authorization: Basic {}\r\n", BASE64.encode(format!("{id}:{secret}").as_bytes()));
        Self { basic, access_token: answer["access_token"].as_str().unwrap().to_owned() }
    }
}

pub(super) fn token_by_secret(place: u32, partner: &Partner) -> Operation {
    let headers = partner.basic.clone();
    Operation::new(names::BY_SECRET, place, 200, move |call| {
        post("/oauth2/token", &call.source, FORM, &headers, GRANT)
    })
}

/// Introspections of a customer's access token.
pub(super) fn introspection(place: u32, partner: &Partner, sessions: &Sessions) -> Operation {
    let (headers, tokens) = (partner.basic.clone(), sessions.access_tokens.clone());
    Operation::new(names::INTROSPECTION, place, 200, move |call| {
        post("/oauth2/introspect", &call.source, FORM, &headers, &format!("token={}", tokens[call.place]))
    })
    .hearing(|_, body| assert!(body.starts_with(br#"{"active":true"#), "the token is active"))
}

pub(super) fn diagnosis(place: u32, partner: &Partner, accounts: u32) -> Operation {
    about(names::DIAGNOSIS, place, partner, accounts, "/v1/support/diagnosis")
}

pub(super) fn search(place: u32, partner: &Partner, accounts: u32) -> Operation {
    about(names::SEARCH, place, partner, accounts, "/v1/accounts/search")
}

fn about(name: &'static str, place: u32, partner: &Partner, accounts: u32, path: &'static str) -> Operation {
    let headers = bearer(&partner.access_token);
    Operation::new(name, place, 200, move |call| {
        let number = number(1 + (call.index % DIAGNOSED) * (accounts / DIAGNOSED));
        let body = json!({ "customer_number": number }).to_string();
        post(path, &call.source, "application/json", &headers, &body)
    })
}

/// Tokens for a client that signs an assertion of its own for each (RFC 7523).
pub(super) async fn token_by_key(place: u32, service: &Service) -> Operation {
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref()).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(|part| BASE64URL_NOPAD.encode(part));
    let keys = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "one" }] });
    let words =
        ["client", "create", "--name", "Key", "--scope", "support:read", "--jwks", "-", "--no-secret", "--json"];
    let made = service.command(&words, &keys.to_string());
    let id = made["client_id"].as_str().unwrap().to_owned();
    let address = service.url.join("/.well-known/oauth-authorization-server").unwrap();
    let metadata: Value = service.client.get(address).send().await.unwrap().json().await.unwrap();
    let issuer = metadata["issuer"].as_str().unwrap().to_owned();
    let header = BASE64URL_NOPAD.encode(json!({ "alg": "ES256", "kid": "one" }).to_string().as_bytes());
    Operation::new(names::BY_KEY, place, 200, move |call| {
        let now = SystemClock::default().now().and_utc().timestamp();
        let claims = json!({
            "iss": id, "sub": id, "aud": issuer, "iat": now, "exp": now + 60, "jti": format!("call-{}", call.index),
        });
        let message = format!("{header}.{}", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()));
        let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        let assertion = format!("{message}.{}", BASE64URL_NOPAD.encode(signature.as_ref()));
        let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        let form = format!("{GRANT}&client_assertion_type={kind}&client_assertion={assertion}");
        post("/oauth2/token", &call.source, FORM, "", &form)
    })
}
