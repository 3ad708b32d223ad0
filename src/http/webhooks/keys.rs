//! The public keys that verify signatures of webhooks (WH-05).

use actix_web::{HttpResponse, http::header, web};
use jsonwebtoken::jwk::Jwk;
use serde::Serialize;

use crate::{app::App, http::problem::Problem, identity::webhooks};

/// A JWK set whose keys name their endpoints.
#[derive(Serialize)]
struct KeySet {
    keys: Vec<EndpointKey>,
}

/// A public key of an endpoint (RFC 8037 §2).
#[derive(Serialize)]
struct EndpointKey {
    #[serde(flatten)]
    jwk: Jwk,
    endpoint_id: String,
}

/// Shows the public keys of webhooks
///
/// A JWK set (RFC 7517) that verifies the signatures `v1a` of webhooks; access tokens have keys of their own. Take the keys with
/// the `endpoint_id` of your endpoint: there are two while its key pair is replaced, and one of them is enough. Cache them for as
/// long as `Cache-Control` says, and read them again when no signature fits.
#[utoipa::path(
    get, path = "/.well-known/webhook-keys.json", operation_id = "getWebhookKeys", tag = "Webhooks",
    responses((
        status = 200,
        description = "The keys of all endpoints with `v1a`",
        body = serde_json::Value,
        example = json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "endpoint_id": "b4cr8ysz7c2rzq5m3tvx6w4kpn",
        }] }),
    ))
)]
pub(in crate::http) async fn show(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let keys = webhooks::published_keys(&app).await?.into_iter();
    let keys = keys.map(|(endpoint, jwk)| EndpointKey { jwk, endpoint_id: endpoint.as_str().to_owned() }).collect();
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(KeySet { keys }))
}
