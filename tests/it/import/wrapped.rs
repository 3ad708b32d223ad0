//! Fast hashes are wrapped by housekeeping (PW-11).

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{jobs, types::HashScheme};

use crate::support::{TestApp, database_tests, partner::Partner, send};

database_tests![
    pw_11_fast_hashes_are_wrapped_by_housekeeping_and_sign_in,
    pw_11_what_its_owner_has_renewed_meanwhile_is_left_alone,
    pw_11_a_hash_that_is_slow_and_salted_stays_as_it_is,
];

const PASSWORD: &str = "Poletne-gume-26 čšž";
const SSHA: &str = "{SSHA}/iraHHDaZ/0EI87FdL12MpX9p6yudU4J";
const MD5_CRYPT: &str = "$1$KJa3ZnPq$cLN/xu8i0QHFi7NwN7vaG.";
/// SHA-512 without any salt, in the form of a salted one.
const UNSALTED: &str = "{SSHA512}";

async fn import(app: &TestApp, rows: &Value) {
    let partner = Partner::make(app, "accounts:import").await;
    let request = app.request(Method::POST, "/v1/accounts/import").bearer_auth(partner.token(app).await);
    let answer = send(request.json(&json!({ "accounts": rows }))).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["rejected"], 0, "{}", answer.text);
}

fn unsalted() -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, PASSWORD.as_bytes());
    UNSALTED.to_owned() + &data_encoding::BASE64.encode(digest.as_ref())
}

async fn pw_11_fast_hashes_are_wrapped_by_housekeeping_and_sign_in(app: &TestApp) {
    let rows = json!([
        { "customer_number": "000001", "password_hash": SSHA },
        { "customer_number": "000002", "password_hash": MD5_CRYPT },
        { "customer_number": "000003", "password_hash": unsalted() },
        { "customer_number": "000004", "password_hash": SSHA },
    ]);
    import(app, &rows).await;
    assert_eq!(app.dump().rows("hashes_to_wrap").len(), 4);
    app.sign_in("000004", PASSWORD).await.assert_status(201);
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().rows("hashes_to_wrap").len(), 0);
    let hashes = app.column("accounts", "password_hash");
    assert_eq!(hashes.iter().filter(|hash| hash.starts_with("$wrapped$")).count(), 3, "{hashes:?}");
    // Nothing bare is left, not even a part of it that could be guessed against.
    let digest = data_encoding::BASE64.decode(SSHA.trim_start_matches("{SSHA}").as_bytes()).unwrap();
    let part = data_encoding::BASE64_NOPAD.encode(&digest[..18]);
    assert!(!app.dump().text().contains(&part));
    app.advance(TimeDelta::minutes(11));
    jobs::keep_house(&app.app).await;
    let counted = |scheme: HashScheme| {
        app.counted(&format!("stakis_accounts_by_hash_scheme{{scheme=\"{}\"}}", scheme.as_str()))
    };
    assert_eq!((counted(HashScheme::Wrapped), counted(HashScheme::Ssha), counted(HashScheme::Present)), (3, 0, 1));
    for number in ["000001", "000002", "000003"] {
        app.sign_in(number, "Poletne-gume-26 čš").await.assert_status(401);
        app.sign_in(number, PASSWORD).await.assert_status_with(201, number);
    }
    assert!(app.column("accounts", "password_hash").iter().all(|hash| hash.starts_with("$argon2id$")));
}

async fn pw_11_what_its_owner_has_renewed_meanwhile_is_left_alone(app: &TestApp) {
    import(app, &json!([{ "customer_number": "000001", "password_hash": SSHA }])).await;
    app.sign_in("000001", PASSWORD).await.assert_status(201);
    let renewed = app.column("accounts", "password_hash");
    jobs::keep_house(&app.app).await;
    assert_eq!(app.column("accounts", "password_hash"), renewed);
    assert_eq!(app.dump().rows("hashes_to_wrap").len(), 0);
}

async fn pw_11_a_hash_that_is_slow_and_salted_stays_as_it_is(app: &TestApp) {
    let bcrypt = "$2y$10$OHyO2cdXU6BPKijcRmNo6OWfUTTsRdUBYnvbVLHizeUg4kqszHHj6";
    import(app, &json!([{ "customer_number": "000001", "password_hash": bcrypt }])).await;
    assert_eq!(app.dump().rows("hashes_to_wrap").len(), 0);
    jobs::keep_house(&app.app).await;
    assert_eq!(app.column("accounts", "password_hash"), [bcrypt]);
}
