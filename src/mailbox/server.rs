//! The listener of the mailbox, with the addresses of Mailpit and the pages.

use std::{io, net::TcpListener, sync::Arc};

use actix_web::{App as Router, dev::Server, web};

use super::{api, memory::Mailbox, page};
use crate::inbound::{Bounds, Listening, listen};

/// The time that running requests have to finish after the mailbox is told to stop.
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 5;

/// Starts the mailbox on a bound listener.
pub fn start(listener: TcpListener) -> io::Result<Server> {
    let mailbox = web::Data::new(Mailbox::default());
    let bounds = Bounds::of_this_process(0);
    let listening = Listening {
        // The service itself is the only source that calls often.
        bounds: Bounds { of_source: bounds.in_all, ..bounds },
        trusted_proxies: Vec::new(),
        workers: Some(1),
        shutdown_timeout_seconds: SHUTDOWN_TIMEOUT_SECONDS,
        observer: Arc::new(|_| {}),
    };
    listen(listener, listening, move || {
        Router::new()
            .app_data(mailbox.clone())
            .app_data(web::JsonConfig::default().limit(1024 * 1024))
            .route("/api/v1/send", web::post().to(api::send))
            .route("/api/v1/messages", web::get().to(api::list))
            .route("/api/v1/message/{id}", web::get().to(api::show))
            .route("/api/v1/message/{id}/headers", web::get().to(api::headers))
            .route("/", web::get().to(page::list))
            .route("/view/{id}", web::get().to(page::show))
            .route("/view/{id}/html", web::get().to(page::html_part))
    })
}
