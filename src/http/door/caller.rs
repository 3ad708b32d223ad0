//! Extractors that tell a handler who is calling, from which address, with which token, and in which language and form
//! the caller wants the answer.

use std::{
    future::{Ready, ready},
    net::{IpAddr, SocketAddr},
};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::{self, Accept, AcceptLanguage, Header as _, HeaderMap, Preference},
    web,
};

use super::{authorization::bearer_token, client_address::client_address};
use crate::{
    app::App,
    http::problem::Problem,
    identity::{clients::Machine, passwords::Bearer, sessions::Customer},
    types::{Actor, Id, Locale, RequestContext, TraceContext},
};

const LONGEST_USER_AGENT: usize = 200;

/// The id, the language and the span of a request, decided once when it arrives.
#[derive(Clone)]
pub(in crate::http) struct Arrival {
    pub(in crate::http) request_id: String,
    pub(in crate::http) locale: Locale,
    /// The span of the request.
    pub(in crate::http) trace: TraceContext,
}

impl Arrival {
    pub(in crate::http) fn read(
        headers: &HeaderMap,
        language: Option<&AcceptLanguage>,
        trace: TraceContext,
    ) -> Self {
        let sent = headers.get("x-request-id").and_then(|value| value.to_str().ok());
        let request_id = match sent {
            Some(id) if is_request_id(id) => id.to_owned(),
            _ => Id::<Self>::mint().as_str().to_owned(),
        };
        Self { request_id, locale: language.map(best_locale).unwrap_or_default(), trace }
    }
}

/// Whether a caller's request id may be used. Other characters could carry line ends or markup into a log (AP-14).
fn is_request_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn best_locale(language: &AcceptLanguage) -> Locale {
    language
        .ranked()
        .into_iter()
        .filter_map(Preference::into_item)
        .find_map(|tag| Locale::parse(tag.primary_language()).ok())
        .unwrap_or_default()
}

impl FromRequest for Arrival {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or(Problem::InternalError))
    }
}

/// The language of the answer.
pub(in crate::http) struct Language(pub(in crate::http) Locale);

impl FromRequest for Language {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Arrival::from_request(request, payload).into_inner().map(|arrival| Self(arrival.locale)))
    }
}

/// The caller, as the audit trail records it.
pub(in crate::http) struct Caller(pub(in crate::http) RequestContext);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let user_agent = user_agent.map(|text| {
            text.chars().filter(|character| !character.is_control()).take(LONGEST_USER_AGENT).collect()
        });
        let Some(app) = request.app_data::<web::Data<App>>() else { return ready(Err(Problem::InternalError)) };
        let source = source_of(app, request.peer_addr(), request.headers());
        let arrival = Arrival::from_request(request, payload).into_inner();
        ready(arrival.map(|arrival| {
            let (request_id, trace) = (Some(arrival.request_id), Some(arrival.trace));
            Self(RequestContext { actor: Actor::Customer, request_id, trace, source, user_agent })
        }))
    }
}

/// The address of the client (RL-07).
pub(in crate::http) fn source_of(app: &App, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
    let (proxies, header) = (&app.config.trusted_proxies, app.config.trusted_proxy_header);
    peer.map(|peer| client_address(peer.ip(), headers, proxies, header))
}

/// The bearer token of the `Authorization` header. A token in a query or a body is ignored (JW-16).
pub(in crate::http) struct BearerToken(pub(in crate::http) String);

impl FromRequest for BearerToken {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer_token(request.headers()).map(|token| Self(token.to_owned())).ok_or(Problem::InvalidToken))
    }
}

/// The customer whom the route has let in.
pub(in crate::http) struct Authenticated(pub(in crate::http) Customer);

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(let_in(request).map(Self))
    }
}

/// The customer whom the route has let in by an access token or by a change token.
pub(in crate::http) struct PasswordOwner(pub(in crate::http) Bearer);

impl FromRequest for PasswordOwner {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(let_in(request).map(Self))
    }
}

/// The machine client that the route has let in, and its call as the audit trail records it.
pub(in crate::http) struct MachineCaller {
    /// The client, with the scopes of its token.
    pub(in crate::http) machine: Machine,
    /// The call. Its actor is the client.
    pub(in crate::http) context: RequestContext,
}

impl FromRequest for MachineCaller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload).into_inner();
        let machine: Result<Machine, Problem> = let_in(request);
        ready(machine.and_then(|machine| {
            let context = RequestContext { actor: Actor::Client(machine.client_id.clone()), ..caller?.0 };
            Ok(Self { machine, context })
        }))
    }
}

/// Who the route has let in. An operation whose access in the table lets in somebody else refuses every call.
fn let_in<Principal: Clone + 'static>(request: &HttpRequest) -> Result<Principal, Problem> {
    let principal = request.extensions().get::<Principal>().cloned();
    principal.ok_or_else(|| {
        tracing::error!("a handler takes a caller that the table of operations does not let in");
        Problem::InternalError
    })
}

/// Whether the caller accepts JSON (AP-03).
pub(in crate::http) fn accepts_json(request: &impl actix_web::HttpMessage) -> bool {
    let Ok(accept) = Accept::parse(request) else { return true };
    if accept.0.is_empty() {
        return true;
    }
    // The most specific range decides (RFC 9110 §12.5.1).
    ["application/json", "application/problem+json", "application/*", "*/*"]
        .into_iter()
        .find_map(|wanted| accept.0.iter().find(|range| range.item.essence_str() == wanted))
        .is_some_and(|range| range.quality > header::Quality::ZERO)
}

/// Whether the caller prefers HTML to JSON, as browsers do.
pub(in crate::http) fn prefers_html(request: &HttpRequest) -> bool {
    let Ok(accept) = Accept::parse(request) else { return false };
    let rank = |wanted: &str| {
        let range = accept.0.iter().find(|range| range.item.essence_str() == wanted)?;
        // A quality of 0 means "not acceptable" (RFC 9110 §12.4.2).
        Some(range.quality).filter(|quality| *quality > header::Quality::ZERO)
    };
    rank("text/html") > rank("application/json").max(rank("application/problem+json"))
}
