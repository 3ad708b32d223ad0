//! `/.well-known/oauth-authorization-server`: what libraries of OAuth 2.0 find (RFC 8414).

use reqwest::Method;
use serde_json::json;
use stakis_identity::types::Scope;
use url::Url;

use crate::support::{
    Engine, PUBLIC_URL, TestApp, database_tests, engine_tests, part,
    partner::{FORM, Partner, assert_error},
    send, text,
};

database_tests![
    jw_13_the_metadata_says_what_the_service_offers,
    jw_13_the_issuer_is_that_of_the_tokens_byte_for_byte,
    jw_13_every_address_in_the_metadata_is_served,
];

engine_tests![jw_13_without_documentation_the_metadata_names_none];

async fn jw_13_the_metadata_says_what_the_service_offers(app: &TestApp) {
    let answer = app.get("/.well-known/oauth-authorization-server").await;
    answer.assert_status(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let methods = json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]);
    let algorithms = json!(["ES256", "RS256", "EdDSA", "Ed25519"]);
    let at = |path: &str| format!("{PUBLIC_URL}{path}");
    let expected = json!({
        "issuer": PUBLIC_URL,
        "token_endpoint": at("/oauth2/token"),
        "introspection_endpoint": at("/oauth2/introspect"),
        "revocation_endpoint": at("/oauth2/revoke"),
        "jwks_uri": at("/.well-known/jwks.json"),
        "scopes_supported": Scope::ALL,
        "response_types_supported": ["none"],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "access_token_signing_alg_values_supported": ["ES256"],
        "service_documentation": at("/docs/"),
    });
    assert_eq!(answer.json(), expected);
    // Libraries of OpenID Connect look here first (RFC 8414 §5).
    let openid = app.get("/.well-known/openid-configuration").await;
    assert_eq!((openid.status, openid.json()), (200, expected));
}

async fn jw_13_the_issuer_is_that_of_the_tokens_byte_for_byte(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let claims = part(&partner.token(app).await, 1);
    assert_eq!(app.get("/.well-known/oauth-authorization-server").await.json()["issuer"], claims["iss"]);
}

async fn jw_13_every_address_in_the_metadata_is_served(app: &TestApp) {
    let metadata = app.get("/.well-known/oauth-authorization-server").await.json();
    let path = |name: &str| Url::parse(text(&metadata, name)).unwrap().path().to_owned();
    for name in ["token_endpoint", "introspection_endpoint", "revocation_endpoint"] {
        let request = app.request(Method::POST, &path(name)).header("content-type", FORM).body("");
        assert_error(&send(request).await, 401, "invalid_client");
    }
    for name in ["jwks_uri", "service_documentation"] {
        app.get(&path(name)).await.assert_status(200);
    }
    assert!(metadata["scopes_supported"].as_array().unwrap().contains(&json!("support:read")));
}

async fn jw_13_without_documentation_the_metadata_names_none(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.docs = false).await;
    let metadata = app.get("/.well-known/oauth-authorization-server").await.json();
    assert!(metadata.get("service_documentation").is_none());
}
