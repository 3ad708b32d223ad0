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
use tokio::time;

use super::{
    caller::{Arrival, accepts_json},
    cors::Cors,
    quota::QuotaSlot,
    traced::TracedRequest,
};
use crate::{
    app::{App, Links},
    http::problem::Problem,
};

/// The deadline of a whole request, from the end of its head to its answer. Each wait inside has a shorter one of its own
/// (body, connection, statement, hash); their sum would be more than anybody waits for.
const DEADLINE: Duration = Duration::from_secs(15);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The outcome of a request that ended without an error, for the log.
const OK: &str = "ok";
/// The outcome of a request whose error has a body of its own.
const REFUSED: &str = "refused";

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
    let traced = TracedRequest::begin(&app, &request);
    let language = AcceptLanguage::parse(&request).ok();
    let arrival = Arrival::read(request.headers(), language.as_ref(), traced.context());
    request.extensions_mut().insert(arrival.clone());
    let quota = QuotaSlot::default();
    request.extensions_mut().insert(quota.clone());
    let cors = match sharing {
        Sharing::Listed => Cors::read(&app.config.cors_origins, &request, traced.route()),
        Sharing::Nobody => Cors::None,
    };
    let log_span = traced.log_span(&arrival.request_id);
    let answered = traced.run(&log_span, answer(request, next, &cors)).await;
    let is_draining = app.readiness.is_draining();
    let mut said = "";
    let finish = |response| {
        said = outcome_of(&response);
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
    app.metrics.http.answered(traced.route(), traced.method(), status, traced.elapsed());
    traced.end(&log_span, &arrival.request_id, status, said);
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

/// How a request ended: `ok`, or the code of its problem.
fn outcome_of(response: &HttpResponse) -> &'static str {
    let status = response.status();
    let extensions = response.extensions();
    if let Some(problem) = extensions.get::<Problem>() {
        problem.code().as_str()
    } else if !status.is_client_error() && !status.is_server_error() {
        OK
    } else if extensions.get::<FinalBody>().is_some() {
        REFUSED
    } else {
        Problem::from_status(status).code().as_str()
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
