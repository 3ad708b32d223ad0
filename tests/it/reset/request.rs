//! `POST /v1/password-resets`: step 3 of the guide.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use stakis_identity::types::Locale;

use crate::support::{Customer, SwallowedRequests, TestApp, database_tests, send};

const PATH: &str = "/v1/password-resets";

database_tests![
    a_request_gets_the_guide_s_notice_and_a_mail,
    rq_04_anything_but_six_ascii_digits_is_refused_without_a_trace,
    rq_04_leading_zeros_are_kept,
    rq_05_no_address_in_a_request_ever_gets_the_mail,
    rq_06_no_header_reaches_the_link,
    rq_07_asking_changes_nothing_for_the_customer,
    rq_08_the_answer_holds_nothing_of_the_account,
    rq_09_only_post_and_only_json,
    rq_10_a_repeat_within_five_minutes_is_swallowed_and_after_them_served,
    rq_10_repeats_that_wait_together_give_one_mail,
    rq_10_however_many_repeats_are_one_row_an_hour,
    rq_11_three_links_live_side_by_side_and_a_fourth_request_ends_none,
    rq_13_a_return_address_is_not_supported,
    the_notice_follows_accept_language_and_the_mail_the_account,
];

async fn a_request_gets_the_guide_s_notice_and_a_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let answer = app.ask(Customer::ANA.number).await;
    insta::assert_snapshot!(
        format!("{} {}\n{}", answer.status, answer.header("content-type"), answer.text),
        @r#"
    202 application/json
    {"message":"Na vašo zahtevo za spremembo gesla bomo odgovorili v kratkem. Več informacij boste dobili na vaš e-poštni naslov.","resend_after_seconds":300}
    "#
    );
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to(), Customer::ANA.email);
    assert_eq!(mails[0].subject(), "STAkis: sprememba gesla");
    assert_eq!(mails[0].body["From"]["Email"], "internal@topmotive.eu");
}

async fn rq_04_anything_but_six_ascii_digits_is_refused_without_a_trace(app: &TestApp) {
    app.make(&Customer { number: "000123", ..Customer::ANA }).await;
    let before = app.dump();
    for number in [
        "",
        "123",
        "0001234",
        " 000123",
        "000123 ",
        "00012a",
        "+00123",
        "٠٠٠١٢٣",
        "０００１２３",
        "000123\0",
        "-00123",
        "0x0123",
        "00012\n",
    ] {
        let answer = app.ask(number).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), ["#/customer_number invalid_format"], "{number:?}");
    }
    let missing = app.post(PATH, json!({})).await;
    assert_eq!(missing.field_errors(), ["#/customer_number required"]);
    for body in [
        "",
        "null",
        "[]",
        r#"["000123"]"#,
        r#""000123""#,
        "123",
        r#"{"customer_number":123}"#,
        r#"{"customer_number":null}"#,
        r#"{"customer_number":true}"#,
        r#"{"customer_number":["000123"]}"#,
        r#"{"customer_number":{"eq":"000123"}}"#,
        r#"{"customer_number":"000123","customer_number":"000123"}"#,
        r#"{"customer_number":"000123","email":"mallory@example.net"}"#,
        r#"{"customerNumber":"000123"}"#,
        r#"{"customer_number":"000123"}x"#,
        r#"{"customer_number":"000123""#,
        "{\"customer_number\":\"00012\0\"}",
    ] {
        let request = app.request(Method::POST, PATH).header("content-type", "application/json").body(body);
        send(request).await.assert_problem(400, "malformed-request");
    }
    assert_eq!(app.deliver_all().await, 0);
    assert_eq!(app.dump().counts(), before.counts());
    assert!(app.mail_api.mails().await.is_empty());
}

async fn rq_04_leading_zeros_are_kept(app: &TestApp) {
    app.make(&Customer { number: "000123", ..Customer::ANA }).await;
    app.ask("123000").await;
    app.deliver_all().await;
    assert!(app.mail_api.mails().await.is_empty());
    app.ask("000123").await;
    app.deliver_all().await;
    assert!(app.mail_api.mails().await[0].text().contains("se konča na 23\n"));
}

async fn rq_05_no_address_in_a_request_ever_gets_the_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let request = app
        .request(Method::POST, &format!("{PATH}?email=mallory@example.net&to=mallory@example.net"))
        .header("from", "mallory@example.net")
        .header("x-email", "mallory@example.net")
        .json(&json!({ "customer_number": Customer::ANA.number }));
    send(request).await.assert_status(202);
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!((mails.len(), mails[0].to()), (1, Customer::ANA.email));
    let raw = String::from_utf8_lossy(&mails[0].raw).to_lowercase();
    for word in ["mallory", "\"cc\"", "\"bcc\""] {
        assert!(!raw.contains(word), "{word} in {raw}");
    }
    assert_eq!(mails[0].body["ReplyTo"], json!([{ "Email": "stakis.support@stahlgruber.si" }]));
}

async fn rq_06_no_header_reaches_the_link(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let request = app
        .request(Method::POST, PATH)
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http")
        .header("x-forwarded-port", "666")
        .header("forwarded", "host=evil.example;proto=http")
        .header("origin", "https://evil.example")
        .header("referer", "https://evil.example/")
        .json(&json!({ "customer_number": Customer::ANA.number }));
    let answer = send(request).await;
    answer.assert_status(202);
    app.deliver_all().await;
    let mail = &app.mail_api.mails().await[0];
    assert!(!String::from_utf8_lossy(&mail.raw).contains("evil"));
    assert!(mail.text().contains("https://identity.test/change-password#token="));
    assert!(mail.text().contains("https://identity.test/withdraw-reset#token="));
    let problem = send(app.request(Method::GET, "/nowhere").header("host", "evil.example")).await;
    problem.assert_problem(404, "not-found");
}

async fn rq_07_asking_changes_nothing_for_the_customer(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let access_token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let before = app.dump().only("accounts");
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(app.dump().only("accounts"), before);
    app.account(&access_token).await.assert_status(200);
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
}

async fn rq_08_the_answer_holds_nothing_of_the_account(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let answer = app.ask(Customer::ANA.number).await;
    let keys: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["message", "resend_after_seconds"]);
    app.deliver_all().await;
}

async fn rq_09_only_post_and_only_json(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
        let answer = send(app.request(method.clone(), PATH)).await;
        answer.assert_problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), "POST");
    }
    send(app.request(Method::HEAD, PATH)).await.assert_status(405);
    let body = r#"{"customer_number":"004217"}"#;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json; charset=latin1",
        "text/json",
        "application/jsonp",
    ] {
        let request = app.request(Method::POST, PATH).header("content-type", content_type).body(body);
        send(request).await.assert_problem(415, "unsupported-media-type");
    }
    send(app.request(Method::POST, PATH).body(body)).await.assert_problem(415, "unsupported-media-type");
    let compressed = app
        .request(Method::POST, PATH)
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body(body);
    send(compressed).await.assert_problem(415, "unsupported-media-type");
    let good = app.request(Method::POST, PATH).header("content-type", "application/json; charset=UTF-8").body(body);
    send(good).await.assert_status(202);
    assert_eq!(app.dump().counts()["reset_requests"], 1);
    app.deliver_all().await;
}

async fn rq_10_a_repeat_within_five_minutes_is_swallowed_and_after_them_served(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let first = app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    app.advance(TimeDelta::seconds(299));
    let repeat = app.ask(Customer::ANA.number).await;
    assert_eq!(repeat.comparable(), first.comparable());
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
    app.advance(TimeDelta::seconds(1));
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 2);
}

async fn rq_10_repeats_that_wait_together_give_one_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for _ in 0..5 {
        app.ask(Customer::ANA.number).await;
    }
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn rq_10_however_many_repeats_are_one_row_an_hour(app: &TestApp) {
    for number in [Customer::ANA.number, "999999"] {
        app.ask(number).await;
        app.deliver_all().await;
        let before = app.dump().counts();
        for _ in 0..7 {
            app.advance(TimeDelta::seconds(10));
            app.ask(number).await;
            app.deliver_all().await;
        }
        let mut after = app.dump().counts();
        let rows = after.insert("swallowed_requests", before["swallowed_requests"]).unwrap();
        assert_eq!((rows - before["swallowed_requests"], after), (1, before));
        let swallowed = SwallowedRequests::all(&app.database.url);
        let row = swallowed.into_iter().find(|row| row.customer_number == number).unwrap();
        assert_eq!([row.outcome, row.requests], ["cooldown", "7"]);
    }
}

async fn rq_11_three_links_live_side_by_side_and_a_fourth_request_ends_none(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(app.token_for(&Customer::ANA).await);
        app.advance(TimeDelta::minutes(5));
    }
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 3);
    for token in &tokens {
        app.verify(token).await.assert_status(200);
    }
    // The first link expires and makes room for another.
    app.advance(TimeDelta::minutes(45));
    app.verify(&tokens[0]).await.assert_link_unusable("expired");
    app.token_for(&Customer::ANA).await;
}

async fn rq_13_a_return_address_is_not_supported(app: &TestApp) {
    for key in ["redirect_uri", "return_url", "next"] {
        let answer = app.post(PATH, json!({ "customer_number": "004217", key: "https://evil.example" })).await;
        answer.assert_problem(400, "malformed-request");
    }
}

async fn the_notice_follows_accept_language_and_the_mail_the_account(app: &TestApp) {
    app.create(&Customer::ANA, Locale::De, None).await;
    for (accept, beginning) in [
        ("en-GB,sl;q=0.5", "We will respond"),
        ("fr, hr;q=0.8, de;q=0.9", "Wir werden"),
        ("hr", "Na vaš zahtjev"),
        ("fr", "Na vašo zahtevo"),
        ("*", "Na vašo zahtevo"),
    ] {
        let Ok(value) = reqwest::header::HeaderValue::from_str(accept) else { continue };
        let request = app
            .request(Method::POST, PATH)
            .header("accept-language", value)
            .json(&json!({ "customer_number": Customer::ANA.number }));
        let message = send(request).await.json()["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(beginning), "{accept}: {message}");
    }
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await[0].subject(), "STAkis: Passwort ändern");
}
