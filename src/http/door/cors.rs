//! Which front ends of other origins may read answers: those that are listed, exactly, and no other (AP-08; the CORS
//! protocol of the Fetch standard). Cookies have no part in it, as the API has none.
//!
//! The crate `actix-cors` is not for this: it refuses preflights in words of its own instead of a problem, and answers
//! them whether or not there is anything at that address.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
};

/// All that the API has; each address answers 405 to what it does not take.
const METHODS: &str = "GET, HEAD, POST, DELETE";
const REQUEST_HEADERS: &str = "Content-Type, Authorization, Accept-Language, X-Request-Id, Idempotency-Key";
/// What a script may read besides the headers that it always may, such as `Content-Language`.
const EXPOSED_HEADERS: &str = "Retry-After, X-Request-Id";
/// A preflight holds for two hours; Chromium keeps none for longer.
const MAX_AGE_SECONDS: &str = "7200";

/// What the origin of a request means for its answer.
pub(in crate::http) enum Cors {
    /// No origin is listed, or the address is for no front end: pages, operations, `/oauth2`.
    None,
    /// The answer is for the same origin, programs, and whoever is not listed.
    Unlisted,
    /// The answer may be read from this origin.
    Listed(HeaderValue),
    /// A browser asks on behalf of this origin whether it may send a request.
    Preflight(HeaderValue),
}

impl Cors {
    /// `route` is the pattern of what is at the address of the request, if anything is.
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

    /// The answer to a preflight; nothing else is asked of the service by it.
    pub(in crate::http) fn answer_preflight(&self) -> Option<HttpResponse> {
        matches!(self, Self::Preflight(_)).then(|| {
            HttpResponse::NoContent()
                .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
                .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS))
                .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS))
                .finish()
        })
    }

    /// Marks an answer, whatever it is. `Vary` stands wherever another origin would have got other headers, or a shared
    /// cache would give the one's answer to the other.
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

/// What front ends use.
fn is_shared(path: &str) -> bool {
    path == "/openapi.json" || path.starts_with("/v1/") || path.starts_with("/.well-known/")
}

/// Compared byte by byte. A browser sends one origin; of two, nobody knows which one the answer goes to.
fn listed_origin(origins: &[String], headers: &HeaderMap) -> Option<HeaderValue> {
    let mut sent = headers.get_all(header::ORIGIN);
    let (origin, None) = (sent.next()?, sent.next()) else { return None };
    origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}
