//! The finding that a colleague goes on with the previous password.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::support::{
    Customer, TestApp, database_tests,
    diagnosis::{NEW, ask, codes, diagnosis},
    send, text,
};

database_tests![
    ow_09_support_reads_on_which_device_the_old_password_is_used,
    ow_09_what_failed_before_the_change_or_elsewhere_is_no_such_finding,
];

const WRONG: &str = "Napacno-geslo-1";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// Signs in from a named device, which a change of the password from elsewhere then ends. Returns its token.
async fn ended_device(app: &TestApp) -> String {
    app.make(&Customer::ANA).await;
    let form = json!({ "customer_number": Customer::ANA.number, "password": Customer::ANA.password });
    let desk =
        send(app.request(Method::POST, "/v1/sessions").header("user-agent", FIREFOX).json(&form)).await.json();
    let named = app.request(Method::PATCH, &format!("/v1/sessions/{}", text(&desk, "session_id")));
    let named = named.bearer_auth(text(&desk, "access_token")).json(&json!({ "name": "Pult 1" }));
    send(named).await.assert_status(200);
    app.sign_in_from(text(&desk, "device_token"), Customer::ANA.number, WRONG).await.assert_status(401);
    let other = app.session(&Customer::ANA).await;
    let body = json!({
        "current_password": Customer::ANA.password, "new_password": NEW, "new_password_confirmation": NEW,
    });
    app.change(text(&other, "access_token"), body).await.assert_status(200);
    app.deliver_all().await;
    text(&desk, "device_token").to_owned()
}

async fn ow_09_support_reads_on_which_device_the_old_password_is_used(app: &TestApp) {
    let token = ended_device(app).await;
    for _ in 0..3 {
        app.advance(TimeDelta::minutes(50));
        app.sign_in_from(&token, Customer::ANA.number, Customer::ANA.password).await.assert_status(401);
    }
    let body = json!({ "customer_number": Customer::ANA.number, "email": Customer::ANA.email });
    let answer = ask(app, body).await.json();
    assert_eq!(codes(&answer), ["old_password_used"], "and nobody is told to ask for a link: {answer}");
    let finding = &answer["findings"][0];
    assert_eq!(finding["severity"], "warning");
    assert_eq!(finding["at"], "2026-11-22T15:30:00.000Z");
    assert_eq!(
        text(finding, "message"),
        "Na eni od vaših naprav (Pult 1 (Firefox, Windows), omrežje 127.0.0.0/24) nekdo po menjavi gesla najbrž še \
         uporablja prejšnje (poskusov: 3, nazadnje 22. 11. 2026 ob 16:30); povejte mu novo geslo."
    );
    assert!(text(finding, "next_step").contains("novo geslo naj mu pove stranka sama"));
    // Without the address on file the device is not named.
    let unverified = diagnosis(app).await;
    assert!(unverified["findings"][0]["message"].is_null() && !unverified["findings"].to_string().contains("Pult"));
    // Once the colleague has signed in, there is nothing to tell.
    app.sign_in_from(&token, Customer::ANA.number, NEW).await.assert_status(201);
    assert_eq!(codes(&diagnosis(app).await), ["no_request_received"]);
    app.deliver_all().await;
}

async fn ow_09_what_failed_before_the_change_or_elsewhere_is_no_such_finding(app: &TestApp) {
    let token = ended_device(app).await;
    assert_eq!(codes(&diagnosis(app).await), ["no_request_received"], "it failed before the change alone");
    app.sign_in(Customer::ANA.number, WRONG).await.assert_status(401);
    app.sign_in_from("unknown", Customer::ANA.number, WRONG).await.assert_status(401);
    assert_eq!(codes(&diagnosis(app).await), ["no_request_received"]);
    app.sign_in_from(&token, Customer::ANA.number, WRONG).await.assert_status(401);
    assert_eq!(codes(&diagnosis(app).await), ["old_password_used"]);
    app.close(&Customer::ANA).await;
    assert_eq!(codes(&diagnosis(app).await), ["account_closed"]);
}
