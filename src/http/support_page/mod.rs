//! The page of support, which the operations listener serves where the settings say so. `guard` lets calls in that come from
//! this machine or by https, under a known name; `session` signs people in and out; `page` shows the page with the `acts`
//! that this build has. Its look and its acts are operations of the API, served here as well.

mod acts;
mod cookie;
mod guard;
mod line;
mod page;
mod session;

use actix_web::{
    dev::HttpServiceFactory,
    middleware::from_fn,
    web::{self, Data},
};

use self::guard::guard;
use super::{
    api::OPERATIONS,
    door::envelope::closed_envelope,
    operation::{only_get, resources, with_methods},
    pages,
    problem::Problem,
};

/// What begins the addresses of the operations that the page needs.
const OPERATIONS_BELOW: [&str; 2] = ["/v1/accounts/", "/v1/support/"];
/// The address at which programs of support get their tokens.
const TOKEN_ADDRESS: &str = "/oauth2/token";

/// The addresses of the page that are no operations of the API.
pub(super) const ADDRESSES: [(&str, &[&str]); 4] = [
    ("/support", &["GET"]),
    ("/assets/{file}", &["GET"]),
    ("/support/session", &["POST", "DELETE"]),
    ("/support/session/refresh", &["POST"]),
];

/// The page and all that it needs. The scope takes every address that no service before it has.
pub(super) fn support_page() -> impl HttpServiceFactory + use<> {
    let session = with_methods("/support/session", "POST, DELETE", |resource| {
        resource.route(web::post().to(session::start)).route(web::delete().to(session::end))
    });
    let refresh = with_methods("/support/session/refresh", "POST", |resource| {
        resource.route(web::post().to(session::refresh))
    });
    let operations = OPERATIONS.iter().filter(|operation| is_served(&(operation.path)()));
    let mut scope = web::scope("")
        .app_data(Data::new(acts::offered(OPERATIONS)))
        .service(only_get("/support", |route| route.to(page::show)))
        .service(only_get("/assets/{file}", |route| route.to(pages::asset)))
        .service(session)
        .service(refresh);
    for resource in resources(operations) {
        scope = scope.service(resource);
    }
    let scope = scope.default_service(web::to(not_found));
    scope.wrap(from_fn(guard)).wrap(from_fn(closed_envelope))
}

/// Whether the page needs the operations at an address.
pub(super) fn is_served(address: &str) -> bool {
    address == TOKEN_ADDRESS || OPERATIONS_BELOW.iter().any(|beginning| address.starts_with(beginning))
}

async fn not_found() -> Result<&'static str, Problem> {
    Err(Problem::NotFound)
}

#[cfg(test)]
mod tests {
    use super::is_served;

    #[test]
    fn ad_02_the_page_gets_the_operations_of_support_and_accounts_alone() {
        for address in ["/oauth2/token", "/v1/support/diagnosis", "/v1/accounts/{id}/unlock", "/v1/accounts/search"]
        {
            assert!(is_served(address), "{address}");
        }
        for address in
            ["/v1/account", "/v1/accounts", "/v1/sessions", "/oauth2/introspect", "/livez", "/v1/supported"]
        {
            assert!(!is_served(address), "{address}");
        }
    }
}
