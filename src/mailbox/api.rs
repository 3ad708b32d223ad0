//! The part of Mailpit's API that the service uses: sending a mail, listing mails, reading one
//! (mailpit.axllent.org/docs/api-v1).

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::{
    memory::Mailbox,
    stored_mail::{SendRequest, StoredMail},
};
use crate::types::{Clock as _, MailId, SystemClock};

pub(super) async fn send(mailbox: web::Data<Mailbox>, request: web::Json<SendRequest>) -> HttpResponse {
    let id = MailId::mint().as_str().to_owned();
    mailbox.add(StoredMail::new(request.into_inner(), id.clone(), SystemClock::default().now()));
    HttpResponse::Ok().json(json!({ "ID": id }))
}

pub(super) async fn list(mailbox: web::Data<Mailbox>) -> HttpResponse {
    let messages: Vec<Value> = mailbox.all().iter().map(StoredMail::summary).collect();
    let count = messages.len();
    HttpResponse::Ok().json(json!({ "total": count, "messages_count": count, "start": 0, "messages": messages }))
}

pub(super) async fn show(mailbox: web::Data<Mailbox>, id: web::Path<String>) -> HttpResponse {
    match mailbox.find(&id) {
        Some(mail) => HttpResponse::Ok().json(mail.full()),
        None => not_found(),
    }
}

pub(super) async fn headers(mailbox: web::Data<Mailbox>, id: web::Path<String>) -> HttpResponse {
    match mailbox.find(&id) {
        Some(mail) => HttpResponse::Ok().json(mail.header_fields()),
        None => not_found(),
    }
}

fn not_found() -> HttpResponse {
    HttpResponse::NotFound().json(json!({ "Error": "message not found" }))
}
