//! The envelope around every request. It gives an id and a language, safe headers, a problem for each error and a line
//! in the log. A panic of a handler becomes an answer, and the connection stays open.

use std::{panic::AssertUnwindSafe, time::Duration};

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        ConnectionType,
        header::{self, AcceptLanguage, Header as _, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    rt, web,
};
use futures_util::FutureExt as _;
use tokio::time::{self, Instant};
use tracing::Instrument as _;

use super::{
    caller::{Arrival, accepts_json},
    cors::Cors,
    quota::QuotaSlot,
};
use crate::{
    app::{App, Links},
    http::problem::Problem,
    limits::LogSample,
};

/// The deadline of a whole request, from the end of its head to its answer. Each wait inside has a shorter one of its own
/// (body, connection, statement, hash); their sum would be more than anybody waits for.
const DEADLINE: Duration = Duration::from_secs(15);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A mark in the extensions of an error response whose body is already final, in the form that an RFC defines for its
/// endpoint.
pub(in crate::http) struct FinalBody;

/// Which origins besides its own may read the answers of a listener.
#[derive(Debug, Clone, Copy)]
enum Sharing {
    /// Those that the settings list.
    Listed,
    /// None.
    Nobody,
}

/// Handles the request in a task of its own, which runs to its end even if the caller hangs up. An attempt is therefore
/// always counted, and the audit trail and the log record it.
pub(in crate::http) async fn envelope(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let handled = rt::spawn(handle(request, next, Sharing::Listed)).await;
    handled.unwrap_or_else(|_| Err(Problem::InternalError.into()))
}

/// Does what [`envelope`] does, and lets no other origin read an answer.
pub(in crate::http) async fn closed_envelope(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let handled = rt::spawn(handle(request, next, Sharing::Nobody)).await;
    handled.unwrap_or_else(|_| Err(Problem::InternalError.into()))
}

async fn handle(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    sharing: Sharing,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Err(Problem::InternalError.into());
    };
    let started = Instant::now();
    let arrival = Arrival::read(request.headers(), AcceptLanguage::parse(&request).ok().as_ref());
    request.extensions_mut().insert(arrival.clone());
    let quota = QuotaSlot::default();
    request.extensions_mut().insert(quota.clone());
    // The log names the pattern and not the path, which may hold what a customer typed. The pattern is read here,
    // because a failing handler consumes the request.
    let route = request.match_pattern();
    let cors = match sharing {
        Sharing::Listed => Cors::read(&app.config.cors_origins, &request, route.as_deref()),
        Sharing::Nobody => Cors::None,
    };
    let span = tracing::info_span!("request", request_id = arrival.request_id, method = %request.method());
    let answered = answer(request, next, &cors).instrument(span.clone()).await;
    let is_draining = app.readiness.is_draining();
    let finish = |response| {
        let mut response = finish(response, &app, &arrival, cors);
        quota.mark(response.headers_mut());
        if is_draining {
            // The client opens its next connection elsewhere, and none is closed while a request is on its way.
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        response
    };
    let outcome = match answered {
        Ok(response) => {
            let (request, response) = response.into_parts();
            Ok(ServiceResponse::new(request, finish(response)))
        }
        // A failing handler has consumed the request, so the finished response is returned as an error.
        Err(error) => {
            Err(InternalError::from_response(Problem::InternalError, finish(error.error_response())).into())
        }
    };
    let status = status_of(&outcome);
    app.metrics.http_request(route.as_deref(), status);
    span.in_scope(|| log(status, route.as_deref().unwrap_or("-"), started));
    outcome
}

/// The handler's answer within the deadline, or a problem in its place.
async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    cors: &Cors,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(preflight) = cors.answer_preflight() {
        return Ok(request.into_response(preflight));
    }
    if request.path().starts_with("/v1/") && !accepts_json(&request) {
        return Err(Problem::NotAcceptable.into());
    }
    let handling = time::timeout(DEADLINE, next.call(request));
    // The panic hook has logged the place of a panic. Its message may hold data and is not repeated.
    let Ok(handled) = AssertUnwindSafe(handling).catch_unwind().await else {
        return Err(Problem::InternalError.into());
    };
    let Ok(response) = handled else {
        tracing::error!("a request took too long");
        return Err(Problem::Unavailable.into());
    };
    response.map(ServiceResponse::map_into_boxed_body)
}

fn status_of(outcome: &Result<ServiceResponse<BoxBody>, Error>) -> u16 {
    let status = match outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    status.as_u16()
}

fn log(status: u16, route: &str, started: Instant) {
    static UNAVAILABLE: LogSample = LogSample::new();
    let microseconds = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let left_out = match status {
        // Load balancers probe every few seconds and would fill the log.
        ..500 if ["/livez", "/readyz"].contains(&route) => None,
        503 => UNAVAILABLE.take(),
        _ => Some(0),
    };
    if let Some(left_out) = left_out {
        // A field without a value is not written.
        let left_out = (left_out > 0).then_some(left_out);
        tracing::info!(status, route, microseconds, left_out, "answered");
    }
}

fn finish(response: HttpResponse, app: &App, arrival: &Arrival, cors: Cors) -> HttpResponse<BoxBody> {
    let problem = response.extensions().get::<Problem>().cloned();
    let mut response = match problem {
        Some(problem) => problem.render(&app.links, &app.config.brand, arrival.locale, &arrival.request_id),
        // The framework has made this error itself, and its text may reveal internals (AP-01, AP-02).
        None if is_error(&response) && response.extensions().get::<FinalBody>().is_none() => {
            let problem = Problem::from_status(response.status());
            problem.render(&app.links, &app.config.brand, arrival.locale, &arrival.request_id)
        }
        None => response,
    };
    let headers = response.headers_mut();
    protect(headers, &app.links, &arrival.request_id);
    cors.mark(headers);
    response
}

/// Adds the headers that every answer has, where it does not have its own.
pub(in crate::http) fn protect(headers: &mut HeaderMap, links: &Links, request_id: &str) {
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, request_id);
    }
    set_default(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set_default(headers, header::CACHE_CONTROL, "no-store");
    set_default(headers, header::REFERRER_POLICY, "no-referrer");
    set_default(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    if links.is_https() {
        set_default(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
}

fn is_error(response: &HttpResponse) -> bool {
    response.status().is_client_error() || response.status().is_server_error()
}

fn set_default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
