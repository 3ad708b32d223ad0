//! Delivery events from the mail APIs.

use std::collections::BTreeMap;

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};
use futures_util::future::LocalBoxFuture;

use super::{
    door::{
        authorization::basic_credentials,
        body::{LARGEST_EVENTS, read_body},
    },
    problem::{EventsNotAuthentic, EventsTooLarge, Problem, ProviderNotConfigured},
};
use crate::{
    app::App,
    identity,
    mail::{DeliveryEvent, EventRefusal, Incoming, read_events},
};

/// Events that are proven to come from a configured mail API.
pub(super) struct AuthenticEvents {
    provider: &'static str,
    events: Vec<DeliveryEvent>,
}

impl FromRequest for AuthenticEvents {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let name = request.match_info().get("provider").unwrap_or_default().to_owned();
        let configured = app
            .as_ref()
            .and_then(|app| app.mail_event_secrets.iter().find(|(kind, _)| kind.as_str() == name).cloned());
        // The body of a call to an unknown provider is not read (WH-03).
        let Some((kind, secret)) = configured else { return Box::pin(async { Err(Problem::NotFound) }) };
        let headers: BTreeMap<String, String> = request
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let basic_credentials = basic_credentials(request.headers());
        let body = read_body(request, payload, "application/json", LARGEST_EVENTS);
        Box::pin(async move {
            let now = app.ok_or(Problem::InternalError)?.clock.now();
            let body = body.await?;
            let basic_credentials = basic_credentials.as_ref();
            let incoming = Incoming { headers: &headers, body: &body, basic_credentials };
            let events = read_events(kind, &secret, &incoming, now).map_err(|refusal| match refusal {
                EventRefusal::NotAuthentic => Problem::InvalidToken,
                EventRefusal::Unreadable => Problem::MalformedRequest,
            })?;
            Ok(Self { provider: kind.as_str(), events })
        })
    }
}

/// Receives delivery events
///
/// For the mail API, not for front ends: set this address as its webhook. Resend and SendGrid sign their calls (a
/// repetition within five minutes is accepted and changes nothing); Postmark, Brevo and Mailpit authenticate by HTTP
/// Basic. An event of a mail that the service does not know changes nothing either.
#[utoipa::path(
    post, path = "/v1/mail-events/{provider}", operation_id = "receiveMailEvents", tag = "Mail events",
    params(("provider" = String, Path, description = "The name of the mail API", example = "resend")),
    request_body(content = serde_json::Value, content_type = "application/json",
        description = "The events, in the form that the mail API documents; at most 1 MiB",
        example = json!({
            "type": "email.bounced",
            "created_at": "2026-11-22T11:41:12.126Z",
            "data": {
                "email_id": "56761188-7520-42d8-8898-ff6fc54ce618",
                "bounce": { "type": "Permanent", "message": "550 5.1.1 The recipient does not exist" },
            },
        })),
    responses(
        (status = 204, description = "The events are recorded"),
        EventsNotAuthentic,
        ProviderNotConfigured,
        EventsTooLarge,
    )
)]
pub(super) async fn receive(app: web::Data<App>, events: AuthenticEvents) -> Result<HttpResponse, Problem> {
    identity::outbox::record_delivery(&app, events.provider, events.events).await?;
    Ok(HttpResponse::NoContent().finish())
}
