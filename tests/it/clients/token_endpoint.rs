//! `POST /oauth2/token`: which client gets a token, and for which scopes.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use stakis_identity::{
    identity::{Refusal, clients::Revocation},
    store::{StoreError, Transaction, clients},
    types::{ClientId, ClientSecretHash, Scope},
};

use crate::support::{
    Customer, TestApp, database_tests, part,
    partner::{FORM, GRANT, Partner, ask_as, assert_error, enter},
    send, text,
};

database_tests![
    ad_08_a_client_gets_a_token_for_all_its_scopes_or_for_some,
    ad_08_whatever_is_wrong_about_a_client_is_one_answer,
    ad_08_credentials_stand_in_one_header_or_in_the_form,
    ad_08_the_form_is_taken_strictly,
    ad_08_a_client_authenticates_once_and_names_itself_alone,
    ad_08_a_secret_counts_exactly_as_it_is,
    ad_08_the_secret_is_not_in_the_database,
    ad_08_the_last_use_is_known_to_the_minute,
    ad_08_two_clients_side_by_side_change_a_secret_without_a_gap,
    lg_14_nobody_is_there_by_default,
    lg_15_no_password_of_a_customer_gets_a_token,
];

async fn ad_08_a_client_gets_a_token_for_all_its_scopes_or_for_some(app: &TestApp) {
    let partner = Partner::make(app, "support:read accounts:read").await;
    let answer = partner.ask(app, GRANT).await;
    answer.assert_status(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let mut body = answer.json();
    assert!(text(&body, "access_token").len() > 100);
    body["access_token"] = json!("…");
    assert_eq!(
        body,
        json!({ "access_token": "…", "token_type": "Bearer", "expires_in": 600, "scope": "accounts:read support:read" })
    );
    for (form, granted) in [
        ("scope=support:read&grant_type=client_credentials", "support:read"),
        ("grant_type=client_credentials&scope=support%3Aread+accounts%3Aread", "accounts:read support:read"),
        // By RFC 6749 §3.2 a parameter without a value counts as left out, and an unknown one is ignored.
        ("grant_type=client_credentials&scope=&resource=x", "accounts:read support:read"),
    ] {
        let answer = partner.ask(app, form).await;
        answer.assert_status(200);
        assert_eq!(answer.json()["scope"], granted);
        let claims = part(text(&answer.json(), "access_token"), 1);
        assert_eq!(claims["scope"], granted);
    }
    for scope in ["audit:read", "support:read+audit:read", "everything", "support:read++accounts:read", "%00"] {
        let answer = partner.ask(app, &format!("{GRANT}&scope={scope}")).await;
        assert_error(&answer, 400, "invalid_scope");
    }
}

async fn ad_08_whatever_is_wrong_about_a_client_is_one_answer(app: &TestApp) {
    let [partner, revoked] = [Partner::make(app, "support:read").await, Partner::make(app, "support:read").await];
    assert_eq!(revoked.revoke(app).await, Revocation::Revoked);
    let unknown = ClientId::mint();
    let mut answers = Vec::new();
    for (id, secret) in [
        (partner.id.as_str(), revoked.secret.as_str()),
        (partner.id.as_str(), ""),
        (revoked.id.as_str(), revoked.secret.as_str()),
        (unknown.as_str(), partner.secret.as_str()),
        // The secret of an unknown client is compared with the hash of this text.
        (unknown.as_str(), "of no client"),
        ("no id at all", "x"),
        ("", ""),
    ] {
        answers.push(ask_as(app, id, secret, GRANT).await);
    }
    for answer in &answers {
        assert_error(answer, 401, "invalid_client");
        assert_eq!(answer.comparable(), answers[0].comparable());
    }
    partner.ask(app, GRANT).await.assert_status(200);
}

async fn ad_08_credentials_stand_in_one_header_or_in_the_form(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let post = || app.request(Method::POST, "/oauth2/token").header("content-type", FORM);
    let in_form = format!("{GRANT}&client_id={}&client_secret={}", partner.id, partner.secret);
    send(post().body(in_form.clone())).await.assert_status(200);
    for wrong in [
        format!("{GRANT}&client_id={}&client_secret=guess", partner.id),
        format!("{GRANT}&client_id={}&client_secret={}", ClientId::mint(), partner.secret),
        format!("{GRANT}&client_secret={}", partner.secret),
        format!("{GRANT}&client_id={}", partner.id),
        format!("{GRANT}&client_id={}&client_secret=", partner.id),
    ] {
        assert_error(&send(post().body(wrong)).await, 401, "invalid_client");
    }
    assert_error(&partner.ask(app, &in_form).await, 400, "invalid_request");
    assert_error(&partner.ask(app, &format!("{GRANT}&client_assertion=x")).await, 400, "invalid_request");
    let in_query = app.request(Method::POST, &format!("/oauth2/token?{in_form}"));
    assert_error(&send(in_query.header("content-type", FORM)).await, 401, "invalid_client");
    assert_error(&send(post().body(GRANT)).await, 401, "invalid_client");
    let bearer = partner.token(app).await;
    assert_error(&send(post().bearer_auth(&bearer).body(GRANT)).await, 401, "invalid_client");
    let once = || post().basic_auth(&partner.id, Some(&partner.secret));
    assert_error(&send(once().basic_auth(&partner.id, Some("x")).body(GRANT)).await, 401, "invalid_client");
    for wrong in ["", "Basic", "Basic !", "Basic eA==", "Basic /w==", "Digest x"] {
        let with_header = |form: String| post().header("authorization", wrong).body(form);
        assert_error(&send(with_header(GRANT.to_owned())).await, 401, "invalid_client");
        // A header that authenticates nobody is not made up for by the form.
        assert_error(&send(with_header(in_form.clone())).await, 401, "invalid_client");
    }
    let json = json!({ "client_id": partner.id.as_str(), "client_secret": partner.secret });
    assert_error(&send(app.request(Method::POST, "/oauth2/token").json(&json)).await, 401, "invalid_client");
    // Characters that need no percent-encoding may have it.
    let encoded = format!("%{:02X}{}", partner.id.as_str().as_bytes()[0], &partner.id.as_str()[1..]);
    ask_as(app, &encoded, &partner.secret, GRANT).await.assert_status(200);
}

async fn ad_08_a_client_authenticates_once_and_names_itself_alone(app: &TestApp) {
    let [partner, other] = [Partner::make(app, "support:read").await, Partner::make(app, "support:read").await];
    let itself = format!("{GRANT}&client_id={}", partner.id);
    partner.ask(app, &itself).await.assert_status_with(200, "a client may name itself");
    for more in [
        format!("client_id={}", other.id),
        format!("client_id={}%20", partner.id),
        "client_id=stakis".to_owned(),
        format!("client_secret={}", partner.secret),
        format!("client_id={}&client_secret={}", other.id, other.secret),
        "client_assertion=x".to_owned(),
        "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer".to_owned(),
    ] {
        assert_error(&partner.ask(app, &format!("{GRANT}&{more}")).await, 400, "invalid_request");
    }
    let without_value = format!("{GRANT}&client_id=&client_secret=&client_assertion=");
    partner.ask(app, &without_value).await.assert_status_with(200, "a parameter without a value is none");
    // A caller who does not know the secret learns nothing of the form.
    let guess = ask_as(app, partner.id.as_str(), "guess", &format!("{GRANT}&client_id={}", other.id)).await;
    assert_error(&guess, 401, "invalid_client");
    assert_eq!(app.events("authn_token_created"), 2);
}

async fn ad_08_a_secret_counts_exactly_as_it_is(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let secret = &partner.secret;
    for (wrong, encoded) in [
        (format!(" {secret}"), format!("+{secret}")),
        (format!("{secret} "), format!("{secret}%20")),
        (format!("{secret}\t"), format!("{secret}%09")),
        (format!("{secret}\n"), format!("{secret}%0A")),
        (format!("\u{a0}{secret}"), format!("%C2%A0{secret}")),
    ] {
        for presented in [wrong, encoded] {
            let answer = ask_as(app, partner.id.as_str(), &presented, GRANT).await;
            assert!([401, 429].contains(&answer.status), "{presented:?}: {answer}");
        }
    }
    partner.ask(app, GRANT).await.assert_status(200);
}

async fn ad_08_the_form_is_taken_strictly(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    for form in [
        "",
        "grant_type=",
        "scope=support:read",
        "grant_type=client_credentials&grant_type=client_credentials",
        "grant_type=client_credentials&scope=support:read&scope=support:read",
        "grant_type=client_credentials&other=1&other=2",
    ] {
        assert_error(&partner.ask(app, form).await, 400, "invalid_request");
    }
    for grant in ["password", "refresh_token", "authorization_code", "CLIENT_CREDENTIALS"] {
        let answer = partner.ask(app, &format!("grant_type={grant}")).await;
        assert_error(&answer, 400, "unsupported_grant_type");
    }
    let post =
        || app.request(Method::POST, "/oauth2/token").basic_auth(&partner.id, Some(&partner.secret)).body(GRANT);
    assert_error(&send(post().json(&json!({ "grant_type": "client_credentials" }))).await, 400, "invalid_request");
    assert_error(&send(post()).await, 400, "invalid_request");
    for media_type in ["text/plain", "multipart/form-data; boundary=x", &format!("{FORM}; charset=utf-16")] {
        assert_error(&send(post().header("content-type", media_type)).await, 400, "invalid_request");
    }
    let zipped = post().header("content-type", FORM).header("content-encoding", "gzip");
    assert_error(&send(zipped).await, 400, "invalid_request");
    send(post().header("content-type", format!("{FORM}; charset=UTF-8"))).await.assert_status(200);
    let large = format!("{GRANT}&x={}", "x".repeat(16 * 1024));
    assert_error(&partner.ask(app, &large).await, 413, "invalid_request");
    let get = app.get("/oauth2/token").await;
    get.assert_problem(405, "method-not-allowed");
    assert_eq!(get.header("allow"), "POST");
}

async fn ad_08_the_secret_is_not_in_the_database(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let token = partner.token(app).await;
    ask_as(app, partner.id.as_str(), "Poletne-gume-26", GRANT).await;
    ask_as(app, "Poletne-gume-26", "x", GRANT).await;
    let dump = app.dump().text();
    let hash = ClientSecretHash::of_presented(&partner.secret);
    assert!(dump.contains(hash.as_str()), "the dump is complete: it holds the hash");
    for secret in [partner.secret.as_str(), &token, "Poletne-gume-26"] {
        assert!(!dump.contains(secret), "{secret}");
    }
    // The stored hash is not accepted as the secret.
    assert_error(&ask_as(app, partner.id.as_str(), hash.as_str(), GRANT).await, 401, "invalid_client");
}

async fn ad_08_the_last_use_is_known_to_the_minute(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let last_use = || async {
        let id = partner.id.clone();
        let find = move |tx: &mut Transaction<'_>| -> Result<_, StoreError> { clients::find(tx, &id) };
        app.app.database.read(find).await.unwrap().unwrap().last_used_at
    };
    assert_eq!(last_use().await, None);
    let start = app.app.clock.now();
    let token = partner.token(app).await;
    assert_eq!(last_use().await, Some(start));
    app.advance(TimeDelta::seconds(59));
    enter(app, &token, Scope::SupportRead).await.unwrap();
    assert_eq!(last_use().await, Some(start));
    app.advance(TimeDelta::seconds(1));
    enter(app, &token, Scope::SupportRead).await.unwrap();
    assert_eq!(last_use().await, Some(start + TimeDelta::minutes(1)));
}

async fn ad_08_two_clients_side_by_side_change_a_secret_without_a_gap(app: &TestApp) {
    let [old, new] = [Partner::make(app, "support:read").await, Partner::make(app, "support:read").await];
    let [old_token, new_token] = [old.token(app).await, new.token(app).await];
    old.revoke(app).await;
    assert_eq!(enter(app, &old_token, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken);
    assert_eq!(enter(app, &new_token, Scope::SupportRead).await.unwrap().client_id, new.id);
}

async fn lg_14_nobody_is_there_by_default(app: &TestApp) {
    let counts = app.dump().counts();
    assert_eq!((counts["clients"], counts["accounts"]), (0, 0));
    assert_error(&ask_as(app, "admin", "admin", GRANT).await, 401, "invalid_client");
}

async fn lg_15_no_password_of_a_customer_gets_a_token(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let partner = Partner::make(app, "support:read accounts:write").await;
    let Customer { number, password, .. } = Customer::ANA;
    let form = format!("grant_type=password&username={number}&password={password}");
    assert_error(&partner.ask(app, &form).await, 400, "unsupported_grant_type");
    let by_customer = ask_as(app, number, password, &form).await;
    assert_error(&by_customer, 401, "invalid_client");
    let session = app.session(&Customer::ANA).await;
    let renewal = format!("grant_type=refresh_token&refresh_token={}", text(&session, "refresh_token"));
    assert_error(&partner.ask(app, &renewal).await, 400, "unsupported_grant_type");
    let metadata = app.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata["grant_types_supported"], json!(["client_credentials"]));
}
