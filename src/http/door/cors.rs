//! The CORS protocol of the Fetch standard: front ends of other origins may read answers if their origin is listed
//! exactly (AP-08). The API uses no cookies.
//!
//! The crate `actix-cors` does not fit: it refuses preflights with its own text instead of a problem, and answers them
//! even at an address without a resource.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
};

/// All methods of the API. A resource answers 405 to the methods that it lacks.
const METHODS: &str = "GET, HEAD, POST, PATCH, DELETE";
/// What the API reads, and what libraries for tracing add to every request of a front end (W3C Trace Context, W3C
/// Baggage, Sentry).
const REQUEST_HEADERS: &str = "Content-Type, Authorization, Accept-Language, X-Request-Id, Idempotency-Key, traceparent, \
                               tracestate, baggage, sentry-trace";
/// The response headers that scripts may read besides the safelisted ones, such as `Content-Language`.
const EXPOSED_HEADERS: &str = "Retry-After, X-Request-Id";
/// Browsers may cache a preflight for two hours, the longest time that Chromium allows.
const MAX_AGE_SECONDS: &str = "7200";

/// How the origin of a request affects its answer.
pub(in crate::http) enum Cors {
    /// No origin is listed, or the address is not for front ends: pages, operations, `/oauth2`.
    None,
    /// The request comes from the same origin, from a program, or from an origin that is not listed.
    Unlisted,
    /// The request comes from this listed origin, which may read the answer.
    Listed(HeaderValue),
    /// The request is a preflight: a browser asks whether this listed origin may send a request.
    Preflight(HeaderValue),
}

impl Cors {
    /// Reads the origin. `route` is the pattern of the resource at the address, if there is one.
    pub(in crate::http) fn read(origins: &[String], request: &ServiceRequest, route: Option<&str>) -> Self {
        if origins.is_empty() || !is_shared(request.path()) {
            return Self::None;
        }
        let headers = request.headers();
        let Some(origin) = listed_origin(origins, headers) else { return Self::Unlisted };
        let is_preflight =
            request.method() == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if is_preflight && route.is_some() { Self::Preflight(origin) } else { Self::Listed(origin) }
    }

    /// The answer to a preflight. No handler runs for it.
    pub(in crate::http) fn answer_preflight(&self) -> Option<HttpResponse> {
        matches!(self, Self::Preflight(_)).then(|| {
            HttpResponse::NoContent()
                .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
                .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS))
                .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS))
                .finish()
        })
    }

    /// Adds the headers to an answer. `Vary` is set wherever another origin gets other headers, so that a shared cache
    /// keeps their answers apart.
    pub(in crate::http) fn mark(self, headers: &mut HeaderMap) {
        if matches!(self, Self::None) {
            return;
        }
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if matches!(self, Self::Listed(_)) {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
        }
        if let Self::Listed(origin) | Self::Preflight(origin) = self {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }
}

/// Whether front ends of other origins use the address.
fn is_shared(path: &str) -> bool {
    path == "/openapi.json" || path.starts_with("/v1/") || path.starts_with("/.well-known/")
}

/// The origin of the request, if it is listed byte for byte. A browser sends one origin, so a request with two has
/// none.
fn listed_origin(origins: &[String], headers: &HeaderMap) -> Option<HeaderValue> {
    let mut sent = headers.get_all(header::ORIGIN);
    let (origin, None) = (sent.next()?, sent.next()) else { return None };
    origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}
