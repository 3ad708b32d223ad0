//! Accounts that a machine client makes, and the mail by which their owners set the first password.

use serde_json::json;

use super::admin::Admin;
use crate::support::{Customer, TestApp, database_tests, text};

database_tests![
    ad_01_a_new_account_has_no_password_and_its_owner_sets_one_by_mail,
    ad_01_an_account_is_made_without_a_mail_where_none_is_asked_for,
    ap_12_nobody_gives_an_account_a_password_or_a_role,
    ad_03_every_wrong_field_of_a_new_account_is_named_at_once,
    ad_03_a_number_has_one_account,
    ad_04_the_trail_has_who_made_an_account,
];

async fn ad_01_a_new_account_has_no_password_and_its_owner_sets_one_by_mail(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    let body = json!({
        "customer_number": Customer::ANA.number, "email": Customer::ANA.email, "locale": "en",
        "display_name": "  Avtoservis   Novak ", "send_activation": true,
    });
    let made = admin.post("/v1/accounts", body).await;
    made.assert_status(201);
    let account = made.json();
    assert_eq!(made.header("location"), format!("/v1/accounts/{}", text(&account, "id")));
    assert!(made.header("etag").starts_with('"'));
    assert_eq!((text(&account, "display_name"), text(&account, "locale")), ("Avtoservis Novak", "en"));
    assert_eq!((&account["has_password"], text(&account, "state")), (&json!(false), "active"));
    assert!(!made.text.contains("token"), "{}", made.text);

    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].to(), mails[0].subject()), (Customer::ANA.email, "STAkis: set your password"));
    assert!(!mails[0].text().contains(Customer::ANA.number));
    let token = mails[0].token();
    // The link works like that of a reset, but longer: nobody asked for it within the hour.
    app.advance(chrono::TimeDelta::hours(23));
    app.verify(&token).await.assert_status(200);
    app.complete(&token, Customer::ANA.number, Customer::ANA.password).await.assert_status(200);
    app.complete(&token, Customer::ANA.number, "Zimske-gume-27").await.assert_link_unusable("used");
    app.session(&Customer::ANA).await;
    app.deliver_all().await;
}

async fn ad_01_an_account_is_made_without_a_mail_where_none_is_asked_for(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    let made = admin.post("/v1/accounts", json!({ "customer_number": Customer::ANA.number })).await;
    made.assert_status(201);
    let account = made.json();
    assert_eq!((&account["email"], text(&account, "email_state")), (&json!(null), "none"));
    assert_eq!((&account["display_name"], text(&account, "locale")), (&json!(null), "sl"));
    let body = json!({ "customer_number": "118503", "email": Customer::BOJAN.email, "send_activation": false });
    admin.post("/v1/accounts", body).await.assert_status(201);
    assert_eq!(app.deliver_all().await, 0);
    // "Forgotten password" leads in all the same.
    let token = app.token_for(&Customer::BOJAN).await;
    app.complete(&token, Customer::BOJAN.number, Customer::BOJAN.password).await.assert_status(200);
    app.deliver_all().await;
}

async fn ap_12_nobody_gives_an_account_a_password_or_a_role(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    for (field, value) in [
        ("password", json!("Poletne-gume-26")),
        ("password_hash", json!("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA")),
        ("id", json!("p4tmx3rj5kq2vw7c6hzn8ydsae")),
        ("state", json!("active")),
        ("scopes", json!("accounts:read")),
        ("email", json!(null)),
        ("send_activation", json!("yes")),
    ] {
        let mut body = json!({ "customer_number": Customer::ANA.number });
        body[field] = value;
        admin.post("/v1/accounts", body).await.assert_problem(400, "malformed-request");
    }
    assert_eq!(app.dump().counts()["accounts"], 0);
}

async fn ad_03_every_wrong_field_of_a_new_account_is_named_at_once(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    let body =
        json!({ "customer_number": "4217", "email": "nobody", "locale": "fr", "display_name": "a\u{202e}b" });
    let answer = admin.post("/v1/accounts", body).await;
    answer.assert_problem(422, "validation-failed");
    assert_eq!(
        answer.field_errors(),
        [
            "#/customer_number invalid_format",
            "#/email invalid_format",
            "#/locale invalid_format",
            "#/display_name invalid_format"
        ]
    );
    for (body, errors) in [
        (json!({}), "#/customer_number required"),
        (json!({ "customer_number": "004217", "send_activation": true }), "#/email required"),
        (json!({ "customer_number": "004217", "display_name": " " }), "#/display_name too_short"),
        (json!({ "customer_number": "004217", "display_name": "a".repeat(101) }), "#/display_name too_long"),
    ] {
        let answer = admin.post("/v1/accounts", body).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), [errors]);
    }
    assert_eq!(app.dump().counts()["accounts"], 0);
}

async fn ad_03_a_number_has_one_account(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:write").await;
    let before = app.dump().only("accounts");
    let body =
        json!({ "customer_number": Customer::ANA.number, "email": "nova@example.si", "send_activation": true });
    admin.post("/v1/accounts", body).await.assert_problem(409, "conflict");
    assert_eq!(app.dump().only("accounts"), before);
    assert_eq!(app.deliver_all().await, 0);
}

async fn ad_04_the_trail_has_who_made_an_account(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write").await;
    let made = admin.post("/v1/accounts", json!({ "customer_number": Customer::ANA.number })).await.json();
    let line = app.audit().into_iter().find(|line| line.event == "user_created").unwrap();
    assert_eq!((line.actor, line.account_id.as_str()), (format!("client {}", admin.partner.id), text(&made, "id")));
}
