//! The listeners while the service waits for its database.

use std::{io, net::TcpListener, sync::Arc};

use actix_web::{
    App as Router, HttpRequest, HttpResponse,
    dev::Server,
    http::{
        ConnectionType,
        header::{AcceptLanguage, Header as _},
    },
    web,
};

use super::{
    door::{caller::Arrival, envelope::protect},
    health::livez,
    operation::get,
    problem::Problem,
};
use crate::{
    app::Links,
    brand::Brand,
    inbound::{Bounds, Listening, listen},
    types::TraceContext,
};

/// How many connections may be open. Probes ask, and callers that were sent here too early.
const MOST_CONNECTIONS: usize = 256;

/// Answers on a bound listener that the process is alive, and to everything else that the service is unavailable.
pub fn start_waiting(listener: TcpListener, links: Links, brand: Brand, bounds: &Bounds) -> io::Result<Server> {
    let listening = Listening {
        bounds: Bounds { of_source: MOST_CONNECTIONS, in_all: MOST_CONNECTIONS, ..bounds.clone() },
        trusted_proxies: Vec::new(),
        workers: Some(1),
        shutdown_timeout_seconds: 1,
        observer: Arc::new(|_| {}),
    };
    let (links, brand) = (web::Data::new(links), web::Data::new(brand));
    listen(listener, listening, move || {
        Router::new()
            .app_data(links.clone())
            .app_data(brand.clone())
            .route("/livez", get().to(livez))
            .default_service(web::to(not_yet))
    })
}

async fn not_yet(request: HttpRequest, links: web::Data<Links>, brand: web::Data<Brand>) -> HttpResponse {
    let language = AcceptLanguage::parse(&request).ok();
    let arrival = Arrival::read(request.headers(), language.as_ref(), TraceContext::unrecorded(None));
    let mut response = Problem::Unavailable.render(&links, &brand, arrival.locale, &arrival.request_id);
    // The connection would end without notice once the service begins.
    response.head_mut().set_connection_type(ConnectionType::Close);
    protect(response.headers_mut(), &links, &arrival.request_id);
    response
}
