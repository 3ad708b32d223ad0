//! The hashes of other systems: each signs its owner in once, and is renewed.

use std::{path::Path, process::Command};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{
    Engine, TestApp, column, database_tests, engine_tests, partner::Partner, python_program, run_program, send,
};

database_tests![
    pw_11_hashes_of_other_libraries_sign_in_once_and_are_renewed,
    pw_11_the_documented_hashes_of_asp_net_sign_in_and_are_renewed,
    pw_11_what_is_not_yet_renewed_is_counted,
    pw_13_a_renewed_hash_goes_on_costing_what_it_did,
    ch_02_an_imported_password_is_compared_at_a_change,
];

engine_tests![with "django-admin": pw_11_hashes_that_are_made_now_sign_in_and_are_renewed];

/// A hash that a library of somebody else has made.
#[derive(Deserialize)]
struct Made {
    library: String,
    scheme: String,
    password: String,
    hash: String,
}

fn read(lines: &str) -> Vec<Made> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn made_before() -> Vec<Made> {
    read(include_str!("../../hashes/made.ndjson"))
}

/// `PasswordHasherTest` of ASP.NET Core: version 2, then version 3 with each function.
fn of_asp_net() -> Vec<Made> {
    let hashes = [
        ("pbkdf2_sha1", "ANXrDknc7fGPpigibZXXZFMX4aoqz44JveK6jQuwY3eH/UyPhvr5xTPeGYEckLxz9A=="),
        ("pbkdf2_sha512", "AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw"),
        (
            "pbkdf2_sha512",
            "AQAAAAIAAAD6AAAAIJbVi5wbMR+htSfFp8fTw8N8GOS/Sje+S/4YZcgBfU7EQuqv4OkVYmc4VJl9AGZzmRTxSkP7LtVi9IWyUxX8IAAfZ8v+\
             ZfhjCcudtC1YERSqE1OEdXLW9VukPuJWBBjLuw==",
        ),
        ("pbkdf2_sha1", "AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M"),
        (
            "pbkdf2_sha256",
            "AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=",
        ),
    ];
    let made = |(scheme, hash): (&str, &str)| Made {
        library: "ASP.NET Core".to_owned(),
        scheme: scheme.to_owned(),
        password: "my password".to_owned(),
        hash: hash.to_owned(),
    };
    hashes.into_iter().map(made).collect()
}

fn number(index: usize) -> String {
    format!("{:06}", 200_000 + index)
}

async fn import(app: &TestApp, made: &[Made]) {
    let partner = Partner::make(app, "accounts:import").await;
    let rows: Vec<Value> = made
        .iter()
        .enumerate()
        .map(|(index, made)| json!({ "customer_number": number(index), "password_hash": made.hash }))
        .collect();
    let request = app.request(reqwest::Method::POST, "/v1/accounts/import");
    let request = request.bearer_auth(partner.token(app).await).json(&json!({ "accounts": rows }));
    let answer = send(request).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["created"], made.len(), "{}", answer.text);
}

/// The stored hash of an account.
fn stored(app: &TestApp, index: usize) -> String {
    let (numbers, hashes) = (app.column("accounts", "customer_number"), app.column("accounts", "password_hash"));
    let place = numbers.iter().position(|other| *other == number(index)).unwrap();
    hashes[place].clone()
}

async fn sign_in_and_renew(app: &TestApp, made: &[Made]) {
    import(app, made).await;
    for (index, made) in made.iter().enumerate() {
        let Made { library, scheme, password, hash } = made;
        assert_eq!(&stored(app, index), hash);
        let wrong = app.sign_in(&number(index), &format!("{password}x")).await;
        wrong.assert_status_with(401, format!("{library} {scheme}"));
        assert_eq!(&stored(app, index), hash, "a wrong password renews nothing");
        app.sign_in(&number(index), password).await.assert_status_with(201, format!("{library} {scheme} {hash}"));
        let renewed = stored(app, index);
        assert!(renewed.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{library} {scheme}: {renewed}");
        app.sign_in(&number(index), password).await.assert_status(201);
        assert_eq!(stored(app, index), renewed, "it is renewed once");
        app.sign_in(&number(index), &format!("{password}x")).await.assert_status(401);
    }
}

async fn pw_11_hashes_of_other_libraries_sign_in_once_and_are_renewed(app: &TestApp) {
    let made = made_before();
    for scheme in [
        "bcrypt",
        "md5_crypt",
        "pbkdf2_sha1",
        "pbkdf2_sha256",
        "pbkdf2_sha512",
        "scrypt",
        "sha256_crypt",
        "sha512_crypt",
        "ssha",
        "ssha256",
        "ssha512",
    ] {
        assert!(made.iter().any(|made| made.scheme == scheme), "{scheme}");
    }
    sign_in_and_renew(app, &made).await;
}

async fn pw_11_the_documented_hashes_of_asp_net_sign_in_and_are_renewed(app: &TestApp) {
    sign_in_and_renew(app, &of_asp_net()).await;
}

/// The libraries make hashes with salts that nobody has seen before.
async fn pw_11_hashes_that_are_made_now_sign_in_and_are_renewed(engine: Engine) {
    let app = TestApp::start(engine).await;
    let program = python_program("django-admin").unwrap();
    let mut python = Command::new(Path::new(&program).with_file_name("python"));
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hashes/make.py"));
    let made = read(&String::from_utf8(run_program(python, "").await).unwrap());
    assert_eq!(made.len(), made_before().len());
    sign_in_and_renew(&app, &made).await;
}

async fn pw_11_what_is_not_yet_renewed_is_counted(app: &TestApp) {
    let made = made_before();
    import(app, &made).await;
    let counted = |scheme: &str| app.counted(&format!("stakis_accounts_by_hash_scheme{{scheme=\"{scheme}\"}}"));
    stakis_identity::jobs::keep_house(&app.app).await;
    assert_eq!((counted("bcrypt"), counted("scrypt"), counted("present")), (3, 2, 0));
    let bcrypt = made.iter().position(|made| made.scheme == "bcrypt").unwrap();
    app.sign_in(&number(bcrypt), &made[bcrypt].password).await.assert_status(201);
    app.advance(chrono::TimeDelta::minutes(11));
    stakis_identity::jobs::keep_house(&app.app).await;
    // The fast ones are wrapped by now.
    let left = i64::try_from(made.len()).unwrap() - 3;
    let counts = ["bcrypt", "scrypt", "present", "wrapped", "ssha", "md5_crypt"].map(counted);
    assert_eq!(counts, [1, 1, 1, left, 0, 0]);
}

/// Whoever polls the number sees the same work before and after its owner was there.
async fn pw_13_a_renewed_hash_goes_on_costing_what_it_did(app: &TestApp) {
    let made = made_before();
    import(app, &made).await;
    let bcrypt = made.iter().position(|made| made.hash.starts_with("$2b$05")).unwrap();
    app.sign_in(&number(bcrypt), &made[bcrypt].password).await.assert_status(201);
    let lasting: Vec<String> = column(&app.database.url, "accounts", "lasting_cost");
    assert_eq!(lasting.iter().filter(|cost| !cost.is_empty()).collect::<Vec<_>>(), ["$bcrypt$c=5"]);
    assert!(stored(app, bcrypt).starts_with("$argon2id$"));
}

async fn ch_02_an_imported_password_is_compared_at_a_change(app: &TestApp) {
    let made: Vec<Made> = made_before().into_iter().filter(|made| made.scheme == "ssha").collect();
    import(app, &made).await;
    let session = app.sign_in(&number(0), &made[0].password).await;
    let token = session.json()["access_token"].as_str().unwrap().to_owned();
    let body = |new: &str| {
        json!({
            "current_password": made[0].password, "new_password": new, "new_password_confirmation": new,
        })
    };
    let same = app.change(&token, body(&made[0].password)).await;
    assert_eq!(same.field_errors(), ["#/new_password same_as_current"]);
    app.change(&token, body("Zimske-gume-2026")).await.assert_status(200);
    app.sign_in(&number(0), "Zimske-gume-2026").await.assert_status(201);
    let lasting: Vec<String> = column(&app.database.url, "accounts", "lasting_cost");
    assert_eq!(lasting, ["$ssha"], "the number goes on costing what it did");
    // The notice of the new password.
    app.deliver_all().await;
}
