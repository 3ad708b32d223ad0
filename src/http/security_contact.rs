//! `GET /.well-known/security.txt`: whom to tell of a security hole (RFC 9116, OP-07).

use actix_web::{HttpResponse, web};
use chrono::{Days, NaiveDateTime, NaiveTime, SecondsFormat};

use super::problem::Problem;
use crate::{app::App, types::UtcTime};

/// For how many days the file is valid. RFC 9116 §2.5.5 recommends less than a year.
const VALID_DAYS: Days = Days::new(90);

/// The languages that reports are read in, the first being as welcome as the others (RFC 9116 §2.5.8).
const LANGUAGES: &str = "sl, de, en, hr";

/// Answers the file, or 404 where the settings name no contact.
pub(super) async fn show(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let contact = app.config.security_contact.as_deref().ok_or(Problem::NotFound)?;
    let expires = expires(app.clock.now()).and_utc().to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut file = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: {LANGUAGES}\n");
    // The field allows https alone (§2.5.2), and in development the service has another address.
    if app.links.is_https() {
        let public_url = app.links.public_url();
        file.extend(["Canonical: ", public_url, "/.well-known/security.txt\n"]);
    }
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(file))
}

/// A midnight, so that the file is the same all day.
fn expires(now: UtcTime) -> UtcTime {
    let day = now.date().checked_add_days(VALID_DAYS).unwrap_or_else(|| now.date());
    NaiveDateTime::new(day, NaiveTime::MIN)
}
