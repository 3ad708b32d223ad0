//! An account by its id, and its version.

use serde_json::json;
use stakis_identity::types::SessionId;

use super::admin::{Admin, path_of};
use crate::support::{Customer, TestApp, database_tests, execute, text};

database_tests![
    ad_04_an_account_is_shown_without_anything_secret,
    ad_04_a_version_changes_with_the_values_that_are_shown,
    ad_07_an_unknown_id_and_one_of_another_kind_are_one_answer,
];

async fn ad_04_an_account_is_shown_without_anything_secret(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:read").await;
    let path = path_of(app, &Customer::ANA).await;
    let answer = admin.get(&path).await;
    answer.assert_status(200);
    let mut body = answer.json();
    let id = body["id"].take();
    assert_eq!(format!("/v1/accounts/{}", id.as_str().unwrap()), path);
    let made_at = body["created_at"].take();
    assert_eq!(body["password"]["changed_at"].take(), made_at);
    assert!(body["password"]["expires_at"].take().is_string());
    let shown = json!({
        "id": null,
        "customer_number": Customer::ANA.number,
        "email": Customer::ANA.email,
        "email_state": "ok",
        "locale": "sl",
        "display_name": null,
        "state": "active",
        "has_password": true,
        "created_at": null,
        "closed_at": null,
        "closed_reason": null,
        "last_sign_in_at": null,
        "password": { "changed_at": null, "expires_at": null },
        "contested_since": null,
    });
    assert_eq!(body, shown);
    let version = answer.header("etag");
    assert!(version.len() == 34 && version.starts_with('"') && version.ends_with('"'), "{version}");
}

async fn ad_04_a_version_changes_with_the_values_that_are_shown(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:read").await;
    let path = path_of(app, &Customer::ANA).await;
    let first = admin.get(&path).await;
    assert_eq!(first.header("etag"), admin.get(&path).await.header("etag"));
    app.session(&Customer::ANA).await;
    let signed_in = admin.get(&path).await;
    assert!(signed_in.json()["last_sign_in_at"].is_string());
    assert_ne!(signed_in.header("etag"), first.header("etag"));
    app.close(&Customer::ANA).await;
    let closed = admin.get(&path).await;
    assert_eq!((text(&closed.json(), "state"), closed.json()["closed_at"].is_string()), ("closed", true));
    assert_ne!(closed.header("etag"), signed_in.header("etag"));
    // What no answer shows is no part of the version.
    execute(&app.database.url, "UPDATE accounts SET expiry_reminders = 2").unwrap();
    assert_eq!(admin.get(&path).await.header("etag"), closed.header("etag"));
}

async fn ad_07_an_unknown_id_and_one_of_another_kind_are_one_answer(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:read").await;
    let unknown = admin.get(&format!("/v1/accounts/{}", SessionId::mint())).await;
    unknown.assert_problem(404, "not-found");
    for id in [text(&session, "session_id"), admin.partner.id.as_str(), Customer::ANA.number, "x", "%00"] {
        let answer = admin.get(&format!("/v1/accounts/{id}")).await;
        assert_eq!(answer.comparable(), unknown.comparable(), "{id}");
    }
}
