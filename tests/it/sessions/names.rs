//! Names that people give to their devices.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::devices::sign_in_with;
use crate::support::{Answer, Customer, TestApp, database_tests, send, text};

const NEW: &str = "Zimske-gume-27";
const PETER: Customer = Customer { number: "100001", email: "peter@example.si", password: "Poletne-gume-26" };
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

database_tests![
    ow_10_a_device_keeps_the_name_that_people_give_it,
    ow_10_a_name_that_misleads_is_refused,
    ow_10_nobody_names_another_customer_s_session,
    ow_10_a_session_whose_device_was_forgotten_can_be_named,
    ow_10_names_are_given_sixty_times_an_hour,
    ow_10_the_new_device_mail_has_the_name_from_before,
    ow_10_a_name_from_after_the_sign_in_is_in_no_mail,
];

pub(super) async fn name(app: &TestApp, session: &Value, id: &str, body: Value) -> Answer {
    let request = app.request(Method::PATCH, &format!("/v1/sessions/{id}"));
    send(request.bearer_auth(text(session, "access_token")).json(&body)).await
}

async fn name_own(app: &TestApp, session: &Value, name_text: &str) -> Answer {
    name(app, session, text(session, "session_id"), json!({ "name": name_text })).await
}

async fn names(app: &TestApp, session: &Value) -> Vec<Value> {
    let answer = app.call(Method::GET, "/v1/sessions", text(session, "access_token")).await.json();
    let mut names: Vec<Value> =
        answer["sessions"].as_array().unwrap().iter().map(|session| session["name"].clone()).collect();
    // Sessions that were used within the same minute have no order.
    names.sort_by_key(Value::to_string);
    names
}

async fn ow_10_a_device_keeps_the_name_that_people_give_it(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let desk = app.session(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(1));
    let tablet = app.session(&Customer::ANA).await;
    let answer = name_own(app, &desk, "  Pult <b>1</b> ").await;
    answer.assert_status(200);
    let mut body = answer.json();
    assert_eq!(body["id"].take(), desk["session_id"]);
    insta::assert_snapshot!(serde_json::to_string(&body).unwrap(), @r#"{"id":null,"created_at":"2026-11-22T13:00:00.000Z","last_used_at":"2026-11-22T13:01:00.000Z","device":null,"name":"Pult <b>1</b>","source":"127.0.0.0/24","current":true}"#);
    // Another session of the customer names it as well.
    let answer = name(app, &tablet, text(&desk, "session_id"), json!({ "name": "Pult 1" })).await;
    assert_eq!((&answer.json()["name"], &answer.json()["current"]), (&json!("Pult 1"), &json!(false)));
    assert_eq!(names(app, &tablet).await, [json!("Pult 1"), json!(null)]);
    // The next session from the device has the name, and so does one after a refresh.
    let again = app.sign_in_from(text(&desk, "device_token"), Customer::ANA.number, Customer::ANA.password).await;
    assert_eq!(names(app, &again.json()).await.iter().filter(|name| **name == "Pult 1").count(), 2);
    app.refresh(text(&tablet, "refresh_token")).await.assert_status(200);
    assert_eq!(names(app, &desk).await.iter().filter(|name| **name == "Pult 1").count(), 2);
    // The same name again changes nothing, and null takes it away.
    name_own(app, &desk, "Pult 1").await.assert_status(200);
    assert_eq!(app.events("session_renamed"), 2);
    let answer = name(app, &desk, text(&desk, "session_id"), json!({ "name": null })).await;
    assert_eq!(answer.json()["name"], json!(null));
    assert_eq!(names(app, &desk).await, [json!(null), json!(null), json!(null)]);
    assert_eq!(app.events("session_renamed"), 3);
    app.deliver_all().await;
}

async fn ow_10_a_name_that_misleads_is_refused(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    for (wrong, code) in [
        (String::new(), "too_short"),
        (" \u{a0} ".to_owned(), "too_short"),
        ("x".repeat(41), "too_long"),
        ("Pult\n1".to_owned(), "invalid_format"),
        ("Pult\u{7}".to_owned(), "invalid_format"),
        ("Pult \u{202e}1".to_owned(), "invalid_format"),
        ("\u{2067}Pult".to_owned(), "invalid_format"),
        ("Pult\u{2028}1".to_owned(), "invalid_format"),
        ("\u{200b}".to_owned(), "invalid_format"),
    ] {
        let answer = name_own(app, &session, &wrong).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), [format!("#/name {code}")], "{wrong:?}");
    }
    let id = text(&session, "session_id");
    let missing = name(app, &session, id, json!({})).await;
    missing.assert_problem(422, "validation-failed");
    assert_eq!(missing.field_errors(), ["#/name required"]);
    name(app, &session, id, json!({ "name": 7 })).await.assert_problem(400, "malformed-request");
    name(app, &session, id, json!({ "name": "a", "id": "b" })).await.assert_problem(400, "malformed-request");
    for right in ["Ž", &"č".repeat(40), "<script>", "👨‍🔧 Delavnica", "صالة 1"] {
        let answer = name_own(app, &session, right).await;
        answer.assert_status(200);
        assert_eq!(answer.json()["name"], right);
    }
    assert_eq!(app.events("session_renamed"), 5);
}

async fn ow_10_nobody_names_another_customer_s_session(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&PETER).await;
    let (ana, peter) = (app.session(&Customer::ANA).await, app.session(&PETER).await);
    let body = json!({ "name": "Pult 1" });
    let foreign = name(app, &ana, text(&peter, "session_id"), body.clone()).await;
    foreign.assert_problem(404, "not-found");
    let unknown = name(app, &ana, &"a".repeat(26), body.clone()).await;
    assert_eq!(foreign.comparable(), unknown.comparable());
    name(app, &ana, "%00", body.clone()).await.assert_problem(404, "not-found");
    let ended = app.session(&Customer::ANA).await;
    app.call(Method::DELETE, "/v1/sessions/current", text(&ended, "access_token")).await.assert_status(204);
    name(app, &ana, text(&ended, "session_id"), body.clone()).await.assert_problem(404, "not-found");
    name(app, &ended, text(&ana, "session_id"), body.clone()).await.assert_problem(401, "invalid-token");
    let request = app.request(Method::PATCH, "/v1/sessions/x").json(&body);
    send(request).await.assert_problem(401, "invalid-token");
    assert_eq!(names(app, &peter).await, [json!(null)]);
    assert_eq!(app.events("session_renamed"), 0);
}

async fn ow_10_a_session_whose_device_was_forgotten_can_be_named(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let oldest = app.session(&Customer::ANA).await;
    for _ in 0..20 {
        app.advance(TimeDelta::seconds(1));
        app.session(&Customer::ANA).await;
    }
    name_own(app, &oldest, "Pult 1").await.assert_status(200);
    assert_eq!(app.dump().counts()["devices"], 20);
    let refreshed = app.refresh(text(&oldest, "refresh_token")).await.json();
    let again = app
        .sign_in_from(text(&refreshed, "device_token"), Customer::ANA.number, Customer::ANA.password)
        .await
        .json();
    assert_eq!(again["device_token"], refreshed["device_token"]);
    assert_eq!(names(app, &again).await.iter().filter(|name| **name == "Pult 1").count(), 2);
    app.deliver_all().await;
}

async fn ow_10_names_are_given_sixty_times_an_hour(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    for index in 0..60 {
        name_own(app, &session, &format!("Pult {index}")).await.assert_status(200);
    }
    name_own(app, &session, "Pult 60").await.assert_problem(429, "rate-limited");
    name_own(app, &session, "Pult 59").await.assert_status_with(200, "it has this name");
    app.advance(TimeDelta::minutes(1));
    name_own(app, &session, "Pult 60").await.assert_status(200);
}

/// Ends the device of a session by a reset, and returns to a device of another program.
async fn reset_and_sign_in_again(app: &TestApp, device_token: &str) -> Value {
    let reset = app.token_for(&Customer::ANA).await;
    app.complete(&reset, Customer::ANA.number, NEW).await.assert_status(200);
    app.deliver_all().await;
    let form = json!({ "customer_number": Customer::ANA.number, "password": NEW, "device_token": device_token });
    let answer = send(app.request(Method::POST, "/v1/sessions").header("user-agent", FIREFOX).json(&form)).await;
    answer.assert_status(201);
    answer.json()
}

async fn ow_10_the_new_device_mail_has_the_name_from_before(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    let desk = sign_in_with(app, FIREFOX).await.json();
    name_own(app, &desk, "Pult <1>").await.assert_status(200);
    app.deliver_all().await;
    app.advance(TimeDelta::minutes(6));
    let again = reset_and_sign_in_again(app, text(&desk, "device_token")).await;
    assert_eq!(names(app, &again).await, [json!("Pult <1>")]);
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    let mail = mails.last().unwrap();
    assert_eq!(mail.subject(), "STAkis: prijava z nove naprave");
    assert!(mail.text().contains("Naprava: Pult <1> (Firefox, Windows)\n"), "{}", mail.text());
    let html = mail.body["HTML"].as_str().unwrap();
    assert!(html.contains("Pult &#60;1&#62; (Firefox, Windows)") && !html.contains("<1>"), "{html}");
}

/// A thief could otherwise have the mail say that it was the desk.
async fn ow_10_a_name_from_after_the_sign_in_is_in_no_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    let thief = sign_in_with(app, FIREFOX).await.json();
    name_own(app, &thief, "Pult 1").await.assert_status(200);
    app.deliver_all().await;
    let told = async || app.mail_api.mails().await.last().unwrap().text().to_owned();
    assert!(told().await.contains("Naprava: Firefox, Windows\n"), "{}", told().await);
    // Nor does a mail have a name of which a mail program makes a link.
    name_own(app, &thief, "Pišite na geslo.example").await.assert_status(200);
    app.advance(TimeDelta::minutes(6));
    reset_and_sign_in_again(app, text(&thief, "device_token")).await;
    app.deliver_all().await;
    assert!(told().await.contains("Naprava: Firefox, Windows\n"), "{}", told().await);
}
