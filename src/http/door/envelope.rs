//! What every request and every response has: an id, a language, safe headers, a problem for each error, a
//! line in the log; and that a panicking handler is one answer and not the end of a connection.

use std::{panic::AssertUnwindSafe, time::Duration};

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::header::{self, AcceptLanguage, Header as _, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    rt, web,
};
use futures_util::FutureExt as _;
use tokio::time::{self, Instant};
use tracing::Instrument as _;

use super::{
    caller::{Arrival, accepts_json},
    cors::Cors,
};
use crate::{
    app::{App, Links},
    http::problem::Problem,
};

/// Longer than all waits inside together (body, tx, statement, hash): who meets it has met a
/// mistake of ours.
const HANDLER_TIMEOUT: Duration = Duration::from_secs(90);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// In the extensions of an error response: its words are a handler's own, as the RFC of its endpoint has them,
/// and stay.
pub(in crate::http) struct OwnWords;

/// What has begun is carried through to its end: a caller who hangs up takes back neither what an attempt counts nor
/// what the trail and the log tell of it.
pub(in crate::http) async fn envelope(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let handled = rt::spawn(handle(request, next)).await;
    handled.unwrap_or_else(|_| Err(Problem::InternalError.into()))
}

async fn handle(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Err(Problem::InternalError.into());
    };
    let arrival = Arrival::read(request.headers(), AcceptLanguage::parse(&request).ok().as_ref());
    request.extensions_mut().insert(arrival.clone());
    let unacceptable = request.path().starts_with("/v1/") && !accepts_json(&request);
    let method = request.method().clone();
    // The pattern, never the path: a path may hold what somebody typed into it. Asked for now, since the request is
    // gone with a handler that fails.
    let route = request.match_pattern();
    let cors = Cors::read(&app.config.cors_origins, &request, route.as_deref());
    let started = Instant::now();
    let span = tracing::info_span!("request", request_id = arrival.request_id, method = %method);
    let handled = async {
        if let Some(preflight) = cors.answer_preflight() {
            return Ok(request.into_response(preflight));
        }
        if unacceptable {
            return Err(Problem::NotAcceptable.into());
        }
        let answer = AssertUnwindSafe(time::timeout(HANDLER_TIMEOUT, next.call(request))).catch_unwind().await;
        match answer {
            Ok(Ok(Ok(response))) => Ok(response.map_into_boxed_body()),
            Ok(Ok(Err(error))) => Err(error),
            Ok(Err(_)) => {
                tracing::error!("handler timed out");
                Err(Problem::Unavailable.into())
            }
            // The panic hook has logged where; the message may hold data and is not repeated.
            Err(_) => Err(Problem::InternalError.into()),
        }
    }
    .instrument(span.clone())
    .await;
    let outcome: Result<ServiceResponse<BoxBody>, Error> = match handled {
        Ok(response) => {
            let (request, response) = response.into_parts();
            Ok(ServiceResponse::new(request, finish(response, &app.links, &arrival, cors)))
        }
        // The request is gone with the handler, so the finished response travels as an error.
        Err(error) => {
            let response = finish(error.error_response(), &app.links, &arrival, cors);
            Err(InternalError::from_response(Problem::InternalError, response).into())
        }
    };
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    app.metrics.http_request(route.as_deref(), status.as_u16());
    span.in_scope(|| {
        let status = status.as_u16();
        let microseconds = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let route = route.as_deref().unwrap_or("-");
        if ["/livez", "/readyz"].contains(&route) && status < 500 {
            // Asked every few seconds, for ever.
            tracing::debug!(status, route, microseconds, "answered");
        } else {
            tracing::info!(status, route, microseconds, "answered");
        }
    });
    outcome
}

fn finish(response: HttpResponse, links: &Links, arrival: &Arrival, cors: Cors) -> HttpResponse<BoxBody> {
    let problem = response.extensions().get::<Problem>().cloned();
    let mut response = match problem {
        Some(problem) => problem.render(links, arrival.locale, &arrival.request_id),
        // Something below us answered by itself; its words are not ours to pass on (AP-01, AP-02).
        None if is_error(&response) && response.extensions().get::<OwnWords>().is_none() => {
            let problem = Problem::from_status(response.status());
            problem.render(links, arrival.locale, &arrival.request_id)
        }
        None => response,
    };
    let headers = response.headers_mut();
    if let Ok(request_id) = HeaderValue::from_str(&arrival.request_id) {
        headers.insert(REQUEST_ID, request_id);
    }
    cors.mark(headers);
    set_default(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set_default(headers, header::CACHE_CONTROL, "no-store");
    set_default(headers, header::REFERRER_POLICY, "no-referrer");
    set_default(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    if links.is_https() {
        set_default(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    response
}

fn is_error(response: &HttpResponse) -> bool {
    response.status().is_client_error() || response.status().is_server_error()
}

fn set_default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
