//! The keys that sign access tokens, and their rotation.

use std::collections::VecDeque;

use chrono::TimeDelta;
use futures_util::future::join_all;
use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use serde_json::Value;
use stakis_identity::{
    app::App,
    config::JwtAlgorithm,
    identity::signing_keys::{self, Rotation},
    jobs,
};
use url::Url;

use crate::support::{
    Customer, Engine, PUBLIC_URL, TestApp, administrator, database_tests, engine_tests, run_command, send, text,
};

async fn kids(app: &TestApp, url: &Url) -> Vec<String> {
    let answer = send(app.client.get(url.join("/.well-known/jwks.json").unwrap())).await;
    answer.json()["keys"].as_array().unwrap().iter().map(|key| text(key, "kid").to_owned()).collect()
}

fn kid_of(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

/// The service of a partner. It reads the published keys every five minutes, as `Cache-Control` says, and never in
/// between.
struct Partner {
    keys: JwkSet,
    age: TimeDelta,
}

impl Partner {
    async fn read(app: &TestApp, url: &Url) -> Self {
        let answer = send(app.client.get(url.join("/.well-known/jwks.json").unwrap())).await;
        assert_eq!(answer.header("cache-control"), "public, max-age=300");
        Self { keys: serde_json::from_str(&answer.text).unwrap(), age: TimeDelta::zero() }
    }

    fn verify(&self, token: &str) {
        let header = jsonwebtoken::decode_header(token).unwrap();
        let key = self.keys.find(header.kid.as_ref().unwrap()).expect("the key was published before it signed");
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&[PUBLIC_URL]);
        validation.set_issuer(&[PUBLIC_URL]);
        // The clock of the tests stands in November 2026, so the library must not compare the expiry with the real
        // time.
        validation.validate_exp = false;
        jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &validation).unwrap();
    }
}

async fn rotate(app: &App) -> Option<String> {
    match signing_keys::rotate(app, &administrator()).await.unwrap() {
        Rotation::Made(next) => Some(next.kid),
        Rotation::OneIsWaiting => None,
    }
}

database_tests![
    jw_12_a_new_key_is_published_before_it_signs,
    jw_12_rotation_under_load_loses_no_request,
    jw_12_two_rotations_at_once_make_one_key,
];

/// The old key stays published until its last token has expired.
async fn jw_12_a_new_key_is_published_before_it_signs(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let old = kids(app, &app.url).await;
    let new = rotate(&app.app).await.unwrap();
    assert_eq!(rotate(&app.app).await, None, "one at a time");
    // An instance reads the keys at most every five seconds.
    app.advance(TimeDelta::seconds(5));
    jobs::keep_house(&app.app).await;
    assert_eq!(kids(app, &app.url).await, [new.clone(), old[0].clone()]);
    let session = app.session(&Customer::ANA).await;
    assert_eq!(kid_of(text(&session, "access_token")), old[0]);
    app.advance(TimeDelta::seconds(595));
    let session = app.session(&Customer::ANA).await;
    assert_eq!(kid_of(text(&session, "access_token")), new);
    app.advance(TimeDelta::minutes(29));
    jobs::keep_house(&app.app).await;
    assert_eq!(kids(app, &app.url).await.len(), 2);
    app.advance(TimeDelta::minutes(1));
    jobs::keep_house(&app.app).await;
    assert_eq!(kids(app, &app.url).await, [new]);
    assert_eq!(app.dump().counts()["signing_keys"], 1, "its private key is nowhere any more");
    assert_eq!(app.events("signing_key_made"), 2);
}

async fn jw_12_rotation_under_load_loses_no_request(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let (second_url, second) = app.second_instance().await;
    let urls = [&app.url, &second_url];
    let mut sessions = Vec::new();
    for _ in 0..6 {
        sessions.push(app.session(&Customer::ANA).await);
    }
    let mut partners = [Partner::read(app, &app.url).await, Partner::read(app, &second_url).await];
    // The access tokens of the last nine minutes and of the current one, oldest first. All of them have to be accepted.
    let mut living: VecDeque<Vec<String>> = VecDeque::new();
    let mut kids_seen = std::collections::BTreeSet::new();
    for minute in 0..60 {
        let calls = sessions.iter().enumerate().map(|(index, session)| async move {
            let body = serde_json::json!({ "refresh_token": session["refresh_token"] });
            let url = urls[index % 2].join("/v1/sessions/refresh").unwrap();
            send(app.client.post(url).json(&body)).await
        });
        let both = [&app.app, &second].map(jobs::keep_house);
        // The command runs in an instance of its own, while requests are running.
        let rotation = async {
            if minute == 5 {
                assert!(rotate(&app.instance_with(&app.config).await).await.is_some());
            }
        };
        // Time passes while requests are running, so that the new key may begin to sign among them.
        let minute_passes = async { app.advance(TimeDelta::minutes(1)) };
        let (answers, _, (), ()) = tokio::join!(join_all(calls), join_all(both), rotation, minute_passes);
        sessions = answers
            .iter()
            .map(|answer| {
                answer.assert_status_with(200, format_args!("minute {minute}"));
                answer.json()
            })
            .collect();
        living.push_back(sessions.iter().map(|session| text(session, "access_token").to_owned()).collect());
        if living.len() > 9 {
            living.pop_front();
        }
        for (index, token) in living.iter().flatten().enumerate() {
            kids_seen.insert(kid_of(token));
            for partner in &partners {
                partner.verify(token);
            }
            if index % 7 == minute % 7 {
                let url = urls[index % 2].join("/v1/account").unwrap();
                let answer = send(app.client.get(url).bearer_auth(token)).await;
                answer.assert_status_with(200, format_args!("minute {minute}, token {index}"));
            }
        }
        for (partner, url) in partners.iter_mut().zip(urls) {
            partner.age += TimeDelta::minutes(1);
            if partner.age >= TimeDelta::minutes(5) {
                *partner = Partner::read(app, url).await;
            }
        }
    }
    assert_eq!(kids_seen.len(), 2, "the new key has signed");
    for url in urls {
        assert_eq!(kids(app, url).await.len(), 1, "the old one is gone");
    }
}

async fn jw_12_two_rotations_at_once_make_one_key(app: &TestApp) {
    let made = join_all((0..4).map(|_| rotate(&app.app))).await;
    assert_eq!(made.iter().filter(|kid| kid.is_some()).count(), 1);
    assert_eq!(app.dump().counts()["signing_keys"], 2);
}

engine_tests![jw_03_every_algorithm_rotates, cf_03_key_rotate_is_a_command,];

async fn jw_03_every_algorithm_rotates(engine: Engine) {
    for &algorithm in JwtAlgorithm::ALL {
        let app = TestApp::start_with(engine, |config| config.jwt_algorithm = algorithm).await;
        app.make(&Customer::ANA).await;
        let before = app.session(&Customer::ANA).await;
        rotate(&app.app).await.unwrap();
        jobs::keep_house(&app.app).await;
        app.advance(TimeDelta::seconds(599));
        app.account(text(&before, "access_token")).await.assert_status(200);
        app.advance(TimeDelta::seconds(1));
        let after = app.session(&Customer::ANA).await;
        let partner = Partner::read(&app, &app.url).await;
        let keys = [&before, &after].map(|session| {
            partner.verify(text(session, "access_token"));
            kid_of(text(session, "access_token"))
        });
        assert_ne!(keys[0], keys[1], "{algorithm:?}");
        if algorithm == JwtAlgorithm::Rs256 {
            let jwks = app.get("/.well-known/jwks.json").await.json();
            let modulus = data_encoding::BASE64URL_NOPAD.decode(text(&jwks["keys"][0], "n").as_bytes()).unwrap();
            assert_eq!(modulus.len() * 8, 3072);
        }
        app.account(text(&after, "access_token")).await.assert_status(200);
    }
}

async fn cf_03_key_rotate_is_a_command(engine: Engine) {
    let database = crate::support::TestDatabase::migrated(engine);
    let data = tempfile::tempdir().unwrap();
    let variables = std::collections::BTreeMap::from([
        ("STAKIS_DATA_DIR", data.path().display().to_string()),
        ("STAKIS_DATABASE_URL", database.url_text.clone()),
    ]);
    let first = run_command(&["key", "rotate", "--json"], &variables, "");
    let answer: Value = serde_json::from_slice(&first.stdout).unwrap();
    assert!(
        first.status.success() && text(&answer, "kid").len() == 43 && text(&answer, "signs_from").ends_with('Z')
    );
    let again = run_command(&["key", "rotate"], &variables, "");
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("still waits for its turn"));
}
