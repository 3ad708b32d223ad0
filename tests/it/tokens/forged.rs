//! Tokens that can be made without the private key of the service, for each algorithm that it signs with.

use std::time::Duration;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use stakis_identity::{config::JwtAlgorithm, crypto::SigningKey};
use tokio::{net::TcpListener, time};

use crate::support::{Customer, Engine, TestApp, engine_tests, own_key, part, sign, text};

engine_tests![
    jw_01_forged_tokens_are_refused_whichever_algorithm_signs,
    jw_05_no_address_in_a_header_is_called,
    jw_08_an_access_token_lives_for_a_quarter_of_an_hour_at_most,
    jw_12_public_members_only_whichever_algorithm_signs,
];

async fn start(engine: Engine, algorithm: JwtAlgorithm) -> TestApp {
    let app = TestApp::start_with(engine, |config| config.jwt_algorithm = algorithm).await;
    app.make(&Customer::ANA).await;
    app
}

fn encode(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

/// The value with one member replaced.
fn with(value: &Value, name: &str, member: impl Into<Value>) -> Value {
    let mut changed = value.clone();
    changed[name] = member.into();
    changed
}

async fn jw_01_forged_tokens_are_refused_whichever_algorithm_signs(engine: Engine) {
    for &algorithm in JwtAlgorithm::ALL {
        let app = start(engine, algorithm).await;
        let good = app.access_token(&Customer::ANA, Customer::ANA.password).await;
        app.account(&good).await.assert_status(200);
        let jwks = app.get("/.well-known/jwks.json").await;
        let (header, claims) = (part(&good, 0), part(&good, 1));
        let mut forged = unsigned_and_swapped(&good, &header, &claims);
        forged.extend(signed_with_the_public_key(&header, &claims, &jwks.text));
        forged.push(signed_with_a_key_of_his_own(algorithm, &header, &claims));
        for token in forged {
            let answer = app.account(&token).await;
            answer.assert_problem(401, "invalid-token");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{token}");
        }
    }
}

fn unsigned_and_swapped(good: &str, header: &Value, claims: &Value) -> Vec<String> {
    let signature = good.split('.').nth(2).unwrap();
    let forge = |header: &Value, claims: &Value| format!("{}.{}.{signature}", encode(header), encode(claims));
    let mut forged =
        vec![String::new(), "x".into(), "..".into(), format!("{good}."), good[..good.len() - 4].to_owned()];
    for algorithm in ["none", "None", "NONE", "HS256", "RS256", "PS256", "ES256", "ES384", "EdDSA"] {
        let changed = with(header, "alg", algorithm);
        forged.push(format!("{}.{}.", encode(&changed), encode(claims)));
        if changed != *header {
            forged.push(forge(&changed, claims));
        }
    }
    for (name, value) in [
        ("kid", json!("' OR 1=1 --")),
        ("kid", json!("../../etc/passwd")),
        ("typ", json!("JWT")),
        ("jku", json!("https://evil.example/jwks")),
        ("crit", json!(["b64"])),
        ("b64", json!(false)),
        ("jwk", json!({})),
    ] {
        forged.push(forge(&with(header, name, value), claims));
    }
    forged.push(forge(header, &with(claims, "sub", "someone-else")));
    forged
}

/// Signs with the public key as a shared secret, in every form in which a library may hold it (RFC 8725 §2.1).
fn signed_with_the_public_key(header: &Value, claims: &Value, jwks: &str) -> Vec<String> {
    let keys: Value = serde_json::from_str(jwks).unwrap();
    let jwk = &keys["keys"][0];
    let member = |name: &str| BASE64URL_NOPAD.decode(text(jwk, name).as_bytes()).unwrap();
    // The key as it stands in a certificate, after the identifier of its algorithm (RFC 3279, 5480, 8410).
    let (identifier, bare) = match text(jwk, "kty") {
        "EC" => ("301306072a8648ce3d020106082a8648ce3d030107", [vec![4], member("x"), member("y")].concat()),
        "OKP" => ("300506032b6570", member("x")),
        "RSA" => {
            let integer = |name| der(2, &[vec![0], member(name)].concat());
            let exponent = der(2, &member("e"));
            ("300d06092a864886f70d0101010500", der(0x30, &[integer("n"), exponent].concat()))
        }
        other => panic!("{other}"),
    };
    let identifier = data_encoding::HEXLOWER.decode(identifier.as_bytes()).unwrap();
    let in_certificate = der(0x30, &[identifier, der(3, &[vec![0], bare.clone()].concat())].concat());
    let lines: Vec<String> = BASE64
        .encode(&in_certificate)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", lines.join("\n"));
    let mut secrets = vec![
        bare,
        in_certificate,
        pem.clone().into_bytes(),
        format!("{pem}\n").into_bytes(),
        jwk.to_string().into_bytes(),
        jwks.as_bytes().to_vec(),
        Vec::new(),
    ];
    for name in ["x", "y", "n"].into_iter().filter(|name| jwk.get(name).is_some()) {
        secrets.extend([member(name), text(jwk, name).as_bytes().to_vec()]);
    }
    let mut forged = Vec::new();
    for secret in secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let mut hmac = Header::new(algorithm);
            hmac.typ = Some("at+jwt".into());
            hmac.kid = header["kid"].as_str().map(str::to_owned);
            forged.push(jsonwebtoken::encode(&hmac, claims, &EncodingKey::from_secret(&secret)).unwrap());
        }
    }
    forged
}

/// The DER encoding: tag, length and content (X.690 §8.1).
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let length = match length {
        0..128 => vec![u8::try_from(length).unwrap()],
        128..256 => vec![0x81, u8::try_from(length).unwrap()],
        _ => [vec![0x82], u16::try_from(length).unwrap().to_be_bytes().to_vec()].concat(),
    };
    [vec![tag], length, content.to_vec()].concat()
}

/// Signs with another key of the right algorithm, under the id of the service's key.
fn signed_with_a_key_of_his_own(algorithm: JwtAlgorithm, header: &Value, claims: &Value) -> String {
    let private = SigningKey::generate(algorithm).unwrap();
    let key = match algorithm {
        JwtAlgorithm::Es256 => EncodingKey::from_ec_der(&private),
        JwtAlgorithm::EdDsa => EncodingKey::from_ed_der(&private),
        JwtAlgorithm::Rs256 => {
            let body = BASE64.encode(&private);
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
            EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
        }
    };
    let ours: Header = serde_json::from_value(header.clone()).unwrap();
    jsonwebtoken::encode(&ours, claims, &key).unwrap()
}

async fn jw_05_no_address_in_a_header_is_called(engine: Engine) {
    let app = start(engine, JwtAlgorithm::Es256).await;
    let good = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let (_, key) = own_key(&app).await;
    let (header, claims) = (part(&good, 0), part(&good, 1).to_string());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/keys.json", listener.local_addr().unwrap());
    for name in ["jku", "x5u", "kid"] {
        let changed = with(&header, name, address.as_str()).to_string();
        app.account(&sign(&key, &changed, &claims)).await.assert_problem(401, "invalid-token");
    }
    let called = time::timeout(Duration::from_millis(200), listener.accept()).await;
    assert!(called.is_err(), "somebody called {address}");
}

/// At the service itself the token ends with its session.
async fn jw_08_an_access_token_lives_for_a_quarter_of_an_hour_at_most(engine: Engine) {
    let app = start(engine, JwtAlgorithm::Es256).await;
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let claims = part(&token, 1);
    assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 15 * 60);
    let session = app.session(&Customer::ANA).await;
    let change = json!({
        "current_password": Customer::ANA.password,
        "new_password": "Zimske-gume-27",
        "new_password_confirmation": "Zimske-gume-27",
    });
    app.change(text(&session, "access_token"), change).await.assert_status(200);
    let (_, other) = app.second_instance().await;
    for instance in [&app.app, &other] {
        let refused = stakis_identity::identity::sessions::authenticate(instance, &token).await;
        assert!(refused.is_err(), "not by its clock, but by what happened");
    }
    app.deliver_all().await;
}

async fn jw_12_public_members_only_whichever_algorithm_signs(engine: Engine) {
    for (algorithm, members) in [
        (JwtAlgorithm::Es256, &["alg", "crv", "kid", "kty", "use", "x", "y"][..]),
        (JwtAlgorithm::EdDsa, &["alg", "crv", "kid", "kty", "use", "x"]),
        (JwtAlgorithm::Rs256, &["alg", "e", "kid", "kty", "n", "use"]),
    ] {
        let app = start(engine, algorithm).await;
        let answer = app.get("/.well-known/jwks.json").await;
        assert_eq!(answer.header("cache-control"), "public, max-age=300");
        let keys = answer.json()["keys"].as_array().unwrap().clone();
        assert_eq!(keys.len(), 1);
        let mut names: Vec<&str> = keys[0].as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, members);
        // No answer with a token may be stored in a cache.
        let signed_in = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
        let refreshed = app.refresh(text(&signed_in.json(), "refresh_token")).await;
        signed_in.assert_status(201);
        refreshed.assert_status(200);
        for answer in [signed_in, refreshed] {
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}
