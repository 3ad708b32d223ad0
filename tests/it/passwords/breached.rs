//! Passwords that a range API knows to have leaked.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::{
    config::Config,
    crypto::HashCaller,
    identity::{
        IdentityError, Refusal,
        accounts::{self, AccountToCreate, FirstMail},
    },
    types::{CustomerNumber, EmailAddress, Locale, Password},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::support::{Customer, Engine, TestApp, administrator, engine_tests, execute, text};

const LEAKED: &str = "Zimske-gume-27";
/// The SHA-1 of the password, as `printf %s Zimske-gume-27 | sha1sum` prints it.
const PREFIX: &str = "C6DD3";
const SUFFIX: &str = "FD04DBFDEE83ACBE3EC5832217A441FE865";
const GOOD: &str = "Letne-pnevmatike-28";

/// A range API that knows one password and pads its answer.
async fn range_api() -> MockServer {
    let server = MockServer::start().await;
    let lines = format!(
        "00000000000000000000000000000000000:0\r\n{SUFFIX}:37\r\nFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF:2\r\n"
    );
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_string(lines)).mount(&server).await;
    server
}

async fn start(engine: Engine, server: &MockServer, change: impl FnOnce(&mut Config)) -> TestApp {
    let url = server.uri().parse().unwrap();
    TestApp::start_with(engine, |config| {
        config.password.breach_api_url = Some(url);
        change(config);
    })
    .await
}

engine_tests![
    pw_07_a_leaked_password_is_refused_wherever_one_is_set,
    pw_07_the_api_is_asked_thirty_times_an_hour_for_an_account,
    pw_07_only_five_hex_characters_leave,
    pw_07_an_outage_falls_back_to_the_embedded_list_within_a_second,
    pw_07_a_range_api_that_is_gone_keeps_nobody_out,
    pw_07_at_sign_in_a_leaked_password_leads_to_the_reset_mail,
    pw_07_at_sign_in_only_when_the_setting_says_so,
];

async fn pw_07_a_leaked_password_is_refused_wherever_one_is_set(engine: Engine) {
    let server = range_api().await;
    let app = start(engine, &server, |_| {}).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let reset = app.complete(&token, Customer::ANA.number, LEAKED).await;
    assert_eq!(reset.field_errors(), ["#/new_password breached_password"]);
    let form = json!({ "current_password": Customer::ANA.password, "new_password": LEAKED, "new_password_confirmation": LEAKED });
    let change = app.change(text(&session, "access_token"), form).await;
    assert_eq!(change.field_errors(), ["#/new_password breached_password"]);
    app.advance(TimeDelta::days(180));
    let expired = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
    let form = json!({ "new_password": LEAKED, "new_password_confirmation": LEAKED });
    let change = app.change(text(&expired, "change_token"), form).await;
    assert_eq!(change.field_errors(), ["#/new_password breached_password"]);
    let token = app.token_for(&Customer::ANA).await;
    let account = AccountToCreate {
        customer_number: CustomerNumber::parse("100001").unwrap(),
        email: Some(EmailAddress::parse("peter@example.si").unwrap()),
        locale: Locale::Sl,
        password: Some(Password::new(LEAKED.to_owned())),
        display_name: None,
        first_mail: FirstMail::None,
    };
    match accounts::create(&app.app, &administrator(), account).await {
        Err(IdentityError::Refused(Refusal::Invalid(errors))) => {
            assert_eq!(errors[0].code.as_str(), "breached_password");
        }
        other => panic!("{:?}", other.map(|found| found.account.id)),
    }
    let rules = app.get("/v1/password-policy").await.json()["rules"].clone();
    assert!(rules.as_array().unwrap().iter().any(|rule| rule["code"] == "breached_password"));
    app.complete(&token, Customer::ANA.number, GOOD).await.assert_status(200);
    app.deliver_all().await;
}

/// Beyond that a leaked password is taken, as while the API does not answer.
async fn pw_07_the_api_is_asked_thirty_times_an_hour_for_an_account(engine: Engine) {
    let server = range_api().await;
    let app = start(engine, &server, |_| {}).await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let asked = async || server.received_requests().await.unwrap().len();
    let before = asked().await;
    for _ in 0..30 {
        app.complete(&token, Customer::ANA.number, LEAKED).await.assert_problem(422, "validation-failed");
    }
    assert_eq!(asked().await - before, 30);
    app.complete(&token, Customer::ANA.number, LEAKED).await.assert_status(200);
    assert_eq!(asked().await - before, 30);
    app.deliver_all().await;
}

async fn pw_07_only_five_hex_characters_leave(engine: Engine) {
    let server = range_api().await;
    let app = start(engine, &server, |_| {}).await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, LEAKED).await;
    let requests = server.received_requests().await.unwrap();
    let last = requests.last().unwrap();
    assert_eq!(last.url.path(), format!("/range/{PREFIX}"));
    assert_eq!(last.headers.get("add-padding").unwrap(), "true");
    for request in &requests {
        assert_eq!(request.url.path().len(), "/range/".len() + 5);
        assert!(request.url.query().is_none() && request.body.is_empty());
    }
}

async fn pw_07_an_outage_falls_back_to_the_embedded_list_within_a_second(engine: Engine) {
    let server = MockServer::start().await;
    let app = start(engine, &server, |config| config.password.breach_at_sign_in = true).await;
    app.create(&Customer::ANA, Locale::Sl, None).await;
    let token = app.token_for(&Customer::ANA).await;
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(20));
    let others = [500, 429, 301, 204].map(ResponseTemplate::new);
    for broken in [slow].into_iter().chain(others) {
        server.reset().await;
        Mock::given(any()).respond_with(broken).mount(&server).await;
        let started = Instant::now();
        let common = app.complete(&token, Customer::ANA.number, "Password1").await;
        assert_eq!(common.field_errors(), ["#/new_password common_password"]);
        // The wait takes a second, and a busy machine gets some time on top.
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }
    app.complete(&token, Customer::ANA.number, LEAKED).await.assert_status(200);
    app.sign_in(Customer::ANA.number, LEAKED).await.assert_status(201);
    // Such a password may have been set before there was a list.
    let hash =
        app.app.hasher.hash(&Password::new("Password1".to_owned()), HashCaller::stranger(None)).await.unwrap();
    execute(&app.database.url, &format!("UPDATE accounts SET password_hash = '{hash}'")).unwrap();
    let answer = app.sign_in(Customer::ANA.number, "Password1").await;
    answer.assert_problem(403, "password-expired");
    assert_eq!(answer.json()["reason"], "breached");
    app.deliver_all().await;
}

async fn pw_07_a_range_api_that_is_gone_keeps_nobody_out(engine: Engine) {
    // No server listens at this address.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let app = TestApp::start_with(engine, |config| {
        config.password.breach_api_url = Some(format!("http://{gone}").parse().unwrap());
        config.password.breach_at_sign_in = true;
    })
    .await;
    app.make(&Customer::ANA).await;
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, LEAKED).await.assert_status(200);
    app.deliver_all().await;
}

async fn pw_07_at_sign_in_a_leaked_password_leads_to_the_reset_mail(engine: Engine) {
    let server = MockServer::start().await;
    let app = start(engine, &server, |config| config.password.breach_at_sign_in = true).await;
    let leaked = Customer { password: LEAKED, ..Customer::ANA };
    app.make(&leaked).await;
    let session = app.session(&leaked).await;
    // The password leaks after it was set.
    let lines = format!("{SUFFIX}:1");
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_string(lines)).mount(&server).await;
    let asked = server.received_requests().await.unwrap().len();
    app.sign_in(leaked.number, "Napacno-geslo-1").await.assert_problem(401, "invalid-credentials");
    assert_eq!(server.received_requests().await.unwrap().len(), asked, "nobody asks about a stranger's guess");
    // A leaked password that is also too old brings no change token, since a thief could choose the next password with
    // it.
    app.advance(TimeDelta::days(180));
    let answer = app.sign_in(leaked.number, LEAKED).await;
    answer.assert_problem(403, "password-expired");
    assert_eq!(answer.json()["reason"], "breached");
    assert!(answer.json().get("change_token").is_none());
    app.account(text(&session, "access_token")).await.assert_problem(401, "invalid-token");
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    app.complete(&mails[0].token(), leaked.number, GOOD).await.assert_status(200);
    app.sign_in(leaked.number, GOOD).await.assert_status(201);
    app.deliver_all().await;
}

async fn pw_07_at_sign_in_only_when_the_setting_says_so(engine: Engine) {
    let server = MockServer::start().await;
    let app = start(engine, &server, |_| {}).await;
    let leaked = Customer { password: LEAKED, ..Customer::ANA };
    app.make(&leaked).await;
    let lines = format!("{SUFFIX}:1");
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_string(lines)).mount(&server).await;
    app.sign_in(leaked.number, LEAKED).await.assert_status(201);
}
