//! Plain pages for reading the mails.

use actix_web::{HttpResponse, http::header, web};
use askama::Template;

use super::{memory::Mailbox, stored_mail::StoredMail};

/// Forbids scripts. Mails come from the service's own templates, but the mailbox must not depend on that.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'";

#[derive(Template)]
#[template(path = "mailbox/templates/list.html", config = "src/askama.toml")]
struct ListPage {
    mails: Vec<StoredMail>,
}

#[derive(Template)]
#[template(path = "mailbox/templates/mail.html", config = "src/askama.toml")]
struct MailPage {
    mail: StoredMail,
}

pub(super) async fn list(mailbox: web::Data<Mailbox>) -> HttpResponse {
    page(ListPage { mails: mailbox.all() }.render())
}

pub(super) async fn show(mailbox: web::Data<Mailbox>, id: web::Path<String>) -> HttpResponse {
    match mailbox.find(&id) {
        Some(mail) => page(MailPage { mail }.render()),
        None => HttpResponse::NotFound().body("There is no such mail."),
    }
}

pub(super) async fn html_part(mailbox: web::Data<Mailbox>, id: web::Path<String>) -> HttpResponse {
    match mailbox.find(&id) {
        // Links open in a tab of their own: the pages that they lead to refuse to be framed.
        Some(mail) => page(Ok(format!("<base target=\"_blank\">{}", mail.html))),
        None => HttpResponse::NotFound().body("There is no such mail."),
    }
}

fn page(rendered: askama::Result<String>) -> HttpResponse {
    match rendered {
        Ok(html) => HttpResponse::Ok()
            .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .content_type("text/html; charset=utf-8")
            .body(html),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
