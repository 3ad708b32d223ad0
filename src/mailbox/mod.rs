//! The development mailbox: takes mail as Mailpit does and shows it to whoever develops. It keeps the last
//! mails in memory, delivers nothing, and is never started in production.

mod api;
mod page;
mod stored_mail;

use std::{
    collections::VecDeque,
    io,
    net::TcpListener,
    sync::{Mutex, PoisonError},
};

use actix_web::{App as Router, HttpServer, dev::Server, web};

use stored_mail::StoredMail;

/// Older mails make room.
const MOST_MAILS: usize = 500;

#[derive(Default)]
struct Mailbox {
    mails: Mutex<VecDeque<StoredMail>>,
}

impl Mailbox {
    fn put(&self, mail: StoredMail) {
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.push_front(mail);
        mails.truncate(MOST_MAILS);
    }

    /// The newest first.
    fn all(&self) -> Vec<StoredMail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// `latest` names the newest, as in Mailpit.
    fn find(&self, id: &str) -> Option<StoredMail> {
        let mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.iter().find(|mail| id == "latest" || mail.id == id).cloned()
    }
}

/// Starts it on a bound listener.
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
