//! What administration changes about a customer.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::admin::{Admin, path_of};
use crate::support::{Answer, Customer, TestApp, database_tests, send, text};

const NEW_ADDRESS: &str = "nova@example.si";

database_tests![
    ad_04_a_change_is_answered_with_the_account_and_is_in_the_trail,
    ad_05_another_address_is_told_to_the_old_one_and_cools_off,
    ad_05_a_change_of_the_address_ends_the_links_that_were_mailed,
    ad_04_a_change_to_what_is_there_changes_nothing,
    ad_04_only_the_version_that_was_read_is_changed,
    ad_04_a_condition_that_cannot_be_read_changes_nothing,
    ap_12_what_administration_cannot_change_is_refused,
    ad_07_a_change_of_no_account_is_not_found,
];

async fn patch_if(admin: &Admin<'_>, path: &str, condition: &str, body: Value) -> Answer {
    send(admin.request(Method::PATCH, path).header("if-match", condition).json(&body)).await
}

async fn ad_04_a_change_is_answered_with_the_account_and_is_in_the_trail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:read accounts:write").await;
    let path = path_of(app, &Customer::ANA).await;
    let named = admin.patch(&path, json!({ "display_name": " Avtoservis  Novak ", "locale": "de" })).await;
    named.assert_status(200);
    assert_eq!((text(&named.json(), "display_name"), text(&named.json(), "locale")), ("Avtoservis Novak", "de"));
    let read = admin.get(&path).await;
    assert_eq!((read.header("etag"), read.json()), (named.header("etag"), named.json()));
    let without = admin.patch(&path, json!({ "display_name": null })).await;
    assert_eq!(without.json()["display_name"], json!(null));
    admin.patch(&path, json!({ "email": NEW_ADDRESS })).await.assert_status(200);
    app.deliver_all().await;
    let client = format!("client {}", admin.partner.id);
    let lines: Vec<String> = app
        .audit()
        .into_iter()
        .filter(|line| line.event == "user_updated" || line.event == "user_email_changed")
        .map(|line| {
            assert_eq!(line.actor, client);
            line.detail
        })
        .collect();
    assert_eq!(
        lines,
        [
            "locale: sl -> de; name: none -> Avtoservis Novak",
            "name: Avtoservis Novak -> none",
            "by a client; email: d•••@e•••.si -> n•••@e•••.si",
        ]
    );
}

async fn ad_05_another_address_is_told_to_the_old_one_and_cools_off(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:write").await;
    let path = path_of(app, &Customer::ANA).await;
    let changed = admin.patch(&path, json!({ "email": NEW_ADDRESS })).await;
    changed.assert_status(200);
    assert_eq!(text(&changed.json(), "email"), NEW_ADDRESS);
    app.deliver_all().await;
    assert_eq!(app.mail_api.recipients().await, [Customer::ANA.email]);
    // No link goes there for a day.
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
    app.advance(TimeDelta::hours(24) + TimeDelta::minutes(6));
    let moved = Customer { email: NEW_ADDRESS, ..Customer::ANA };
    app.token_for(&moved).await;
}

async fn ad_05_a_change_of_the_address_ends_the_links_that_were_mailed(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:write").await;
    let path = path_of(app, &Customer::ANA).await;
    admin.patch(&path, json!({ "email": NEW_ADDRESS })).await.assert_status(200);
    app.verify(&token).await.assert_link_unusable("withdrawn");
    app.deliver_all().await;
}

async fn ad_04_a_change_to_what_is_there_changes_nothing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:write").await;
    let path = path_of(app, &Customer::ANA).await;
    let body = json!({ "display_name": "Avtoservis Novak" });
    let first = admin.patch(&path, body.clone()).await;
    let before = app.dump().without("clients");
    // Another spelling of the address is the same address.
    for body in [body, json!({}), json!({ "email": "Delavnica@Example.si" }), json!({ "locale": "sl" })] {
        let again = admin.patch(&path, body).await;
        assert_eq!((again.status, again.header("etag"), again.json()), (200, first.header("etag"), first.json()));
    }
    assert_eq!(app.dump().without("clients"), before);
}

async fn ad_04_only_the_version_that_was_read_is_changed(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:read accounts:write").await;
    let path = path_of(app, &Customer::ANA).await;
    let old = admin.get(&path).await.header("etag").to_owned();
    let weak = format!("W/{old}");
    patch_if(&admin, &path, &old, json!({ "display_name": "First" })).await.assert_status(200);
    let present = admin.get(&path).await.header("etag").to_owned();
    let (rows, events) = (app.dump().only("accounts"), app.events("user_updated"));
    let several_old = format!("{old}, \"other\"");
    for condition in [old.as_str(), weak.as_str(), several_old.as_str(), "\"\"", "\"other\""] {
        let refused = patch_if(&admin, &path, condition, json!({ "display_name": "Second" })).await;
        refused.assert_problem(412, "precondition-failed");
    }
    let weak_present = format!("W/{present}");
    let refused = patch_if(&admin, &path, &weak_present, json!({ "email": NEW_ADDRESS })).await;
    refused.assert_problem(412, "precondition-failed");
    assert_eq!((app.dump().only("accounts"), app.events("user_updated")), (rows, events));
    let one_matches = format!("{old},{present} , W/\"x\"");
    patch_if(&admin, &path, &one_matches, json!({ "display_name": "Third" })).await.assert_status(200);
    let any = patch_if(&admin, &path, "*", json!({ "display_name": "Fourth" })).await;
    any.assert_status(200);
    assert_eq!(text(&any.json(), "display_name"), "Fourth");
}

async fn ad_04_a_condition_that_cannot_be_read_changes_nothing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:write").await;
    let path = path_of(app, &Customer::ANA).await;
    let rows = app.dump().only("accounts");
    for condition in ["", "x", "\"open", "6f1d0c2b9a8e7d34", "*, \"x\""] {
        let refused = patch_if(&admin, &path, condition, json!({ "display_name": "New" })).await;
        assert!([400, 412].contains(&refused.status), "{condition}: {refused}");
    }
    assert_eq!(app.dump().only("accounts"), rows);
}

async fn ap_12_what_administration_cannot_change_is_refused(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:write").await;
    let path = path_of(app, &Customer::ANA).await;
    for body in [
        json!({ "customer_number": "000001" }),
        json!({ "state": "closed" }),
        json!({ "has_password": false }),
        json!({ "password": { "changed_at": null } }),
        json!({ "email": null }),
        json!({ "locale": null }),
        json!([]),
    ] {
        admin.patch(&path, body).await.assert_problem(400, "malformed-request");
    }
    let wrong = admin.patch(&path, json!({ "email": "nobody", "locale": "xx", "display_name": "" })).await;
    wrong.assert_problem(422, "validation-failed");
    assert_eq!(
        wrong.field_errors(),
        ["#/email invalid_format", "#/locale invalid_format", "#/display_name too_short"]
    );
}

async fn ad_07_a_change_of_no_account_is_not_found(app: &TestApp) {
    let admin = Admin::with(app, "accounts:write accounts:erase accounts:export").await;
    for id in [admin.partner.id.as_str(), "004217", "x", "p4tmx3rj5kq2vw7c6hzn8ydsae"] {
        let path = format!("/v1/accounts/{id}");
        admin.patch(&path, json!({ "locale": "de" })).await.assert_problem(404, "not-found");
        admin.delete(&path).await.assert_problem(404, "not-found");
        admin.get(&format!("{path}/export")).await.assert_problem(404, "not-found");
    }
}
