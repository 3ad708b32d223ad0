//! The access that the token of a machine client gives, and the end of that access.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{self, Refusal, clients::Revocation},
    types::{ClientId, Scope},
};

use crate::support::{
    Customer, TestApp, administrator, database_tests, execute, own_key, part,
    partner::{GRANT, Partner, ask_as, assert_error, enter},
    sign, text,
};

database_tests![
    ad_09_a_revoked_client_and_its_tokens_end_at_once,
    ad_09_a_scope_that_is_taken_away_counts_at_once,
    ad_03_a_token_opens_what_its_scopes_name_and_nothing_else,
    jw_02_the_token_has_the_claims_of_rfc_9068,
    jw_04_claims_of_machines_are_checked_under_the_right_key_too,
    jw_07_customers_tokens_and_machines_tokens_do_not_serve_for_each_other,
];

async fn ad_09_a_revoked_client_and_its_tokens_end_at_once(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let token = partner.token(app).await;
    enter(app, &token, Scope::SupportRead).await.unwrap();
    assert_eq!(partner.revoke(app).await, Revocation::Revoked);
    assert_eq!(enter(app, &token, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken);
    assert_error(&partner.ask(app, GRANT).await, 401, "invalid_client");
    assert_eq!(partner.revoke(app).await, Revocation::RevokedBefore);
    assert_eq!(
        identity::clients::revoke(&app.app, &administrator(), ClientId::mint()).await.unwrap(),
        Revocation::NoSuchClient
    );
}

async fn ad_09_a_scope_that_is_taken_away_counts_at_once(app: &TestApp) {
    let partner = Partner::make(app, "support:read accounts:read").await;
    let token = partner.token(app).await;
    execute(&app.database.url, "UPDATE clients SET scopes = 'accounts:read audit:read'").unwrap();
    let refused = enter(app, &token, Scope::SupportRead).await.unwrap_err();
    assert_eq!(refused, Refusal::InsufficientScope(Scope::SupportRead));
    // A scope that was added needs a new token.
    let refused = enter(app, &token, Scope::AuditRead).await.unwrap_err();
    assert_eq!(refused, Refusal::InsufficientScope(Scope::AuditRead));
    assert_eq!(enter(app, &token, Scope::AccountsRead).await.unwrap().scopes.as_str(), "accounts:read");
    assert_error(&partner.ask(app, &format!("{GRANT}&scope=support:read")).await, 400, "invalid_scope");
}

async fn ad_03_a_token_opens_what_its_scopes_name_and_nothing_else(app: &TestApp) {
    for &granted in Scope::ALL {
        let partner = Partner::make(app, granted.as_str()).await;
        let token = partner.token(app).await;
        for &wanted in Scope::ALL {
            match enter(app, &token, wanted).await {
                Ok(machine) => {
                    assert_eq!(granted, wanted);
                    assert_eq!((machine.client_id, machine.name.as_str()), (partner.id.clone(), "Partner d.o.o."));
                }
                Err(refusal) => {
                    assert_ne!(granted, wanted);
                    assert_eq!(refusal, Refusal::InsufficientScope(wanted));
                }
            }
        }
    }
    // A token with fewer scopes than the client gives only those.
    let partner = Partner::make(app, "support:read accounts:read").await;
    let narrow = partner.ask(app, &format!("{GRANT}&scope=accounts:read")).await.json();
    let refused = enter(app, text(&narrow, "access_token"), Scope::SupportRead).await.unwrap_err();
    assert_eq!(refused, Refusal::InsufficientScope(Scope::SupportRead));
}

async fn jw_02_the_token_has_the_claims_of_rfc_9068(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let token = partner.token(app).await;
    let (header, claims) = (part(&token, 0), part(&token, 1));
    assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("ES256")));
    let names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"]);
    assert_eq!(claims["sub"], partner.id.as_str());
    assert_eq!(claims["client_id"], partner.id.as_str());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    assert_ne!(part(&partner.token(app).await, 1)["jti"], claims["jti"]);
    app.advance(TimeDelta::seconds(599));
    enter(app, &token, Scope::SupportRead).await.unwrap();
    app.advance(TimeDelta::seconds(1));
    assert_eq!(enter(app, &token, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken);
}

/// The tokens of this test are signed with the key of the service.
async fn jw_04_claims_of_machines_are_checked_under_the_right_key_too(app: &TestApp) {
    let [partner, other] = [Partner::make(app, "support:read").await, Partner::make(app, "support:read").await];
    let good = partner.token(app).await;
    let (_, key) = own_key(app).await;
    let (header, claims) = (part(&good, 0), part(&good, 1));
    enter(app, &sign(&key, &header.to_string(), &claims.to_string()), Scope::SupportRead).await.unwrap();
    let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    let wrong: Vec<(&str, Value)> = vec![
        ("exp", json!(exp.to_string())),
        ("exp", json!(iat)),
        ("iat", json!(iat + 61)),
        ("aud", json!("https://elsewhere.test")),
        ("iss", json!("https://identity.test/")),
        ("jti", json!("")),
        ("client_id", json!("stakis")),
        ("client_id", json!(other.id.as_str())),
        ("sub", json!(other.id.as_str())),
        ("scope", json!("")),
        ("scope", json!("everything")),
        ("scope", json!(["support:read"])),
        ("sid", json!("x")),
        ("epoch", json!(0)),
        ("nbf", json!(iat)),
    ];
    for (name, value) in wrong {
        let mut changed = claims.clone();
        changed[name] = value.clone();
        let forged = sign(&key, &header.to_string(), &changed.to_string());
        let refused = enter(app, &forged, Scope::SupportRead).await.unwrap_err();
        assert_eq!(refused, Refusal::InvalidToken, "{name}: {value}");
    }
    for name in ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"] {
        let mut changed = claims.clone();
        changed.as_object_mut().unwrap().remove(name);
        let forged = sign(&key, &header.to_string(), &changed.to_string());
        assert_eq!(enter(app, &forged, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken, "{name}");
    }
    for (name, value) in [("typ", json!("JWT")), ("alg", json!("none")), ("crit", json!(["exp"]))] {
        let mut changed = header.clone();
        changed[name] = value;
        let forged = sign(&key, &changed.to_string(), &claims.to_string());
        assert_eq!(enter(app, &forged, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken, "{name}");
    }
}

async fn jw_07_customers_tokens_and_machines_tokens_do_not_serve_for_each_other(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let partner = Partner::make(app, "support:read accounts:read accounts:write").await;
    let machine = partner.token(app).await;
    for (method, path) in [
        (Method::GET, "/v1/account"),
        (Method::GET, "/v1/sessions"),
        (Method::DELETE, "/v1/sessions"),
        (Method::DELETE, "/v1/sessions/current"),
    ] {
        app.call(method, path, &machine).await.assert_problem(401, "invalid-token");
    }
    app.change(&machine, json!({})).await.assert_problem(401, "invalid-token");
    app.refresh(&machine).await.assert_problem(401, "invalid-token");
    for token in ["access_token", "refresh_token", "device_token"].map(|name| text(&session, name)) {
        assert_eq!(enter(app, token, Scope::AccountsRead).await.unwrap_err(), Refusal::InvalidToken);
        // A customer's token is no client secret either.
        assert_error(&ask_as(app, partner.id.as_str(), token, GRANT).await, 401, "invalid_client");
    }
    assert_eq!(enter(app, &partner.secret, Scope::AccountsRead).await.unwrap_err(), Refusal::InvalidToken);
    // A client cannot have the id of an account. Even a token that claims so is refused by both kinds of endpoints.
    let (_, key) = own_key(app).await;
    let mut claims = part(&machine, 1);
    claims["sub"] = session["account"]["id"].clone();
    claims["client_id"] = session["account"]["id"].clone();
    let forged = sign(&key, &part(&machine, 0).to_string(), &claims.to_string());
    app.account(&forged).await.assert_problem(401, "invalid-token");
    assert_eq!(enter(app, &forged, Scope::AccountsRead).await.unwrap_err(), Refusal::InvalidToken);
    app.account(text(&session, "access_token")).await.assert_status(200);
}
