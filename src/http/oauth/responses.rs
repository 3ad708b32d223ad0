//! The errors of `/oauth2/…` in the OpenAPI document. Each type describes one response.

use std::collections::BTreeMap;

use actix_web::ResponseError as _;
use serde_json::json;
use utoipa::{
    IntoResponses,
    openapi::{
        Object, Ref, RefOr, Response, ResponseBuilder, Type,
        content::ContentBuilder,
        header::{Header, HeaderBuilder},
    },
};

use super::error::{OAuthError, OAuthErrorBody};
use crate::http::problem::{RETRY_AFTER, listed, retry_after};

/// Describes the response of one status by the errors that it may hold. The first error is its example.
fn describe(errors: &[OAuthError], cause: &str) -> BTreeMap<String, RefOr<Response>> {
    let codes = listed(errors.iter().map(|error| error.code().as_str()));
    let schema = RefOr::Ref(Ref::from_schema_name("OAuthError"));
    let example = errors.first().map(|error| json!(OAuthErrorBody::from(*error)));
    let content = ContentBuilder::new().schema(Some(schema)).example(example).build();
    let mut response =
        ResponseBuilder::new().description(format!("{codes}: {cause}")).content("application/json", content);
    for error in errors {
        response = match error {
            OAuthError::InvalidClient => response.header("WWW-Authenticate", www_authenticate()),
            OAuthError::TooManyAttempts { .. } | OAuthError::Unavailable => {
                response.header(RETRY_AFTER, retry_after())
            }
            _ => response,
        };
    }
    let response = response.build();
    errors.iter().map(|error| (error.status_code().as_str().to_owned(), RefOr::T(response.clone()))).collect()
}

fn www_authenticate() -> Header {
    HeaderBuilder::new()
        .schema(Some(Object::with_type(Type::String)))
        .description(Some("The scheme `Basic`, which clients authenticate by"))
        .build()
}

macro_rules! oauth_responses {
    ($($name:ident = [$($error:expr),+], $cause:literal;)+) => {
        $(
            #[doc = $cause]
            pub(super) enum $name {}

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    describe(&[$($error),+], $cause)
                }
            }
        )+
    };
}

// The list is ordered by status. A description continues the sentence that begins with the codes.
oauth_responses! {
    WrongTokenRequest = [
        OAuthError::InvalidRequest("a parameter is missing"),
        OAuthError::UnsupportedGrantType,
        OAuthError::InvalidScope
    ], "the body is not a form, a parameter is missing or repeated, the grant type is another one, or the scope is \
        unknown or not granted to this client";
    WrongTokenForm = [OAuthError::InvalidRequest("the parameter token is missing")],
        "the body is not a form, `token` is missing, a parameter is repeated, or the client authenticates in two ways";
    ClientNotAuthenticated = [OAuthError::InvalidClient],
        "the client is unknown or revoked, or its secret or its assertion is wrong, missing, expired or used before";
    FormTooLarge = [OAuthError::TooLarge], "the body has more than 16 KiB";
    TooManyTokens = [OAuthError::TooManyAttempts { retry_after_seconds: 1 }],
        "the client has got too many tokens of late, or too many wrong credentials were sent; the right ones are still \
         accepted";
    TooManyIntrospections = [OAuthError::TooManyAttempts { retry_after_seconds: 1 }],
        "the client has called too often, has presented too many tokens that were never issued, or too many wrong \
         credentials were sent";
    TooManyClientCalls = [OAuthError::TooManyAttempts { retry_after_seconds: 1 }],
        "the client has called too often, or too many wrong credentials were sent";
    ServerError = [OAuthError::ServerError], "the service has failed, and the failure is logged";
    ServiceUnavailable = [OAuthError::Unavailable],
        "the service cannot answer now: try again after `Retry-After` seconds";
}
