//! What the service offers to machine clients, for their libraries (RFC 8414).

use actix_web::{HttpResponse, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    config::JwtAlgorithm,
    crypto::ASSERTION_ALGORITHMS,
    types::{ClientMethod, Scope},
};

/// The service as an authorization server (RFC 8414 §2).
#[derive(Serialize, ToSchema)]
#[schema(as = ServerMetadata)]
pub(super) struct MetadataBody {
    /// The issuer, byte for byte the `iss` of access tokens.
    #[schema(example = "https://identity.example.com")]
    issuer: String,
    /// Where a client gets its access tokens.
    #[schema(example = "https://identity.example.com/oauth2/token")]
    token_endpoint: String,
    /// Where a client learns what a token is worth.
    #[schema(example = "https://identity.example.com/oauth2/introspect")]
    introspection_endpoint: String,
    /// Where a client ends a token of its own.
    #[schema(example = "https://identity.example.com/oauth2/revoke")]
    revocation_endpoint: String,
    /// The public keys that verify access tokens.
    #[schema(example = "https://identity.example.com/.well-known/jwks.json")]
    jwks_uri: String,
    /// Every scope that the service knows. A client has those that it was made with.
    #[schema(value_type = Vec<String>, example = json!(["accounts:read", "support:read"]))]
    scopes_supported: &'static [Scope],
    /// Always `none`: there is no authorization endpoint that would answer with anything.
    #[schema(value_type = Vec<String>, example = json!(["none"]))]
    response_types_supported: [&'static str; 1],
    /// The grant types, always `client_credentials` alone.
    #[schema(value_type = Vec<String>, example = json!(["client_credentials"]))]
    grant_types_supported: [&'static str; 1],
    /// How a client authenticates itself to get a token.
    #[schema(value_type = Vec<String>, example = json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]))]
    token_endpoint_auth_methods_supported: &'static [ClientMethod],
    /// The algorithms of its assertions.
    #[schema(value_type = Vec<String>, example = json!(["ES256", "RS256", "EdDSA", "Ed25519"]))]
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 4],
    /// How a client authenticates itself to introspect a token.
    #[schema(value_type = Vec<String>, example = json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]))]
    introspection_endpoint_auth_methods_supported: &'static [ClientMethod],
    /// The algorithms of its assertions.
    #[schema(value_type = Vec<String>, example = json!(["ES256", "RS256", "EdDSA", "Ed25519"]))]
    introspection_endpoint_auth_signing_alg_values_supported: [&'static str; 4],
    /// How a client authenticates itself to revoke a token.
    #[schema(value_type = Vec<String>, example = json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]))]
    revocation_endpoint_auth_methods_supported: &'static [ClientMethod],
    /// The algorithms of its assertions.
    #[schema(value_type = Vec<String>, example = json!(["ES256", "RS256", "EdDSA", "Ed25519"]))]
    revocation_endpoint_auth_signing_alg_values_supported: [&'static str; 4],
    /// The algorithm that new access tokens are signed with.
    #[schema(value_type = Vec<String>, example = json!(["ES256"]))]
    access_token_signing_alg_values_supported: [JwtAlgorithm; 1],
    /// The documentation for developers, where it is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "https://identity.example.com/docs/")]
    service_documentation: Option<String>,
}

impl MetadataBody {
    fn of(app: &App) -> Self {
        let at = |path: &str| format!("{}{path}", app.links.public_url());
        Self {
            issuer: app.signer.issuer().to_owned(),
            token_endpoint: app.links.token_endpoint(),
            introspection_endpoint: at("/oauth2/introspect"),
            revocation_endpoint: at("/oauth2/revoke"),
            jwks_uri: at("/.well-known/jwks.json"),
            scopes_supported: Scope::ALL,
            response_types_supported: ["none"],
            grant_types_supported: ["client_credentials"],
            token_endpoint_auth_methods_supported: ClientMethod::ALL,
            token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
            introspection_endpoint_auth_methods_supported: ClientMethod::ALL,
            introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
            revocation_endpoint_auth_methods_supported: ClientMethod::ALL,
            revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
            access_token_signing_alg_values_supported: [app.config.jwt_algorithm],
            service_documentation: app.config.docs.then(|| at("/docs/")),
        }
    }
}

/// Describes the service to libraries of OAuth 2.0
///
/// The metadata of the authorization server (RFC 8414). A library that knows the issuer finds every endpoint, method and
/// algorithm here.
#[utoipa::path(
    get, path = "/.well-known/oauth-authorization-server", operation_id = "getServerMetadata", tag = "Tokens",
    responses((status = 200, description = "The endpoints, methods and algorithms", body = MetadataBody))
)]
pub(in crate::http) async fn show(app: web::Data<App>) -> HttpResponse {
    answer(&app)
}

/// Describes the service to libraries of OpenID Connect
///
/// The same document as at `/.well-known/oauth-authorization-server`, for libraries that look here first (RFC 8414 §5). The
/// service is no OpenID provider: it has no authorization endpoint and issues no ID tokens.
#[utoipa::path(
    get, path = "/.well-known/openid-configuration", operation_id = "getOpenidConfiguration", tag = "Tokens",
    responses((status = 200, description = "The endpoints, methods and algorithms", body = MetadataBody))
)]
pub(in crate::http) async fn show_to_openid(app: web::Data<App>) -> HttpResponse {
    answer(&app)
}

fn answer(app: &App) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(MetadataBody::of(app))
}
