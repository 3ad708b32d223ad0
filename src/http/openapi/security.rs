//! The security schemes of the OpenAPI document.

use utoipa::openapi::{
    Components,
    security::{ClientCredentials, Flow, Http, HttpAuthScheme, OAuth2, SecurityScheme},
};

use crate::{http::access::scheme, types::Scope};

/// Adds the security schemes, each under the name that operations refer to.
pub(super) fn add_security_schemes(components: &mut Components) {
    let customer = "The `access_token` that `POST /v1/sessions` returns";
    components.add_security_scheme(scheme::CUSTOMER, bearer(Some("JWT"), customer));
    let change = "The `change_token` that `password-expired` carries, for one successful change";
    components.add_security_scheme(scheme::CHANGE, bearer(None, change));
    components.add_security_scheme(scheme::CLIENT, client_secret_basic());
    components.add_security_scheme(scheme::MACHINE, machine());
}

fn bearer(format: Option<&str>, description: &str) -> SecurityScheme {
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.bearer_format = format.map(str::to_owned);
    scheme.description = Some(description.to_owned());
    SecurityScheme::Http(scheme)
}

fn client_secret_basic() -> SecurityScheme {
    let mut scheme = Http::new(HttpAuthScheme::Basic);
    let description = "A machine client's id and secret, each form-urlencoded (RFC 6749 §2.3.1). The form may hold them \
                       instead, or an assertion that the client has signed (RFC 7523)";
    scheme.description = Some(description.to_owned());
    SecurityScheme::Http(scheme)
}

fn machine() -> SecurityScheme {
    let scopes = Scope::ALL.iter().map(|scope| (scope.as_str(), scope.documentation()));
    let flow = ClientCredentials::new("/oauth2/token", scopes.collect());
    let description = "The `access_token` that `POST /oauth2/token` returns to a machine client";
    SecurityScheme::OAuth2(OAuth2::with_description([Flow::ClientCredentials(flow)], description))
}
