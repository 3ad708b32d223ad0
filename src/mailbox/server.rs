//! The listener of the mailbox, with the addresses of Mailpit and the pages.

use std::{io, net::TcpListener};

use actix_web::{App as Router, HttpServer, dev::Server, web};

use super::{api, memory::Mailbox, page};

/// Starts the mailbox on a bound listener.
pub fn start(listener: TcpListener) -> io::Result<Server> {
    let mailbox = web::Data::new(Mailbox::default());
    let server = HttpServer::new(move || {
        Router::new()
            .app_data(mailbox.clone())
            .app_data(web::JsonConfig::default().limit(1024 * 1024))
            .route("/api/v1/send", web::post().to(api::send))
            .route("/api/v1/messages", web::get().to(api::list))
            .route("/api/v1/message/{id}", web::get().to(api::show))
            .route("/", web::get().to(page::list))
            .route("/view/{id}", web::get().to(page::show))
            .route("/view/{id}/html", web::get().to(page::html_part))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}
