//! Delivery events from the mail APIs.

use std::{collections::BTreeMap, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderName, HeaderValue},
    web,
};
use secrecy::SecretString;
use tokio::{sync::SemaphorePermit, time};

use super::{
    door::{
        actor_slot::ActorSlot,
        authorization::basic_credentials,
        body::{LARGEST_EVENTS, UnreadBody},
        caller::Caller,
    },
    problem::{
        BASIC_CHALLENGE, EventsNotAuthentic, EventsTooLarge, Problem, ProviderNotConfigured, TooManyForgedEvents,
    },
};
use crate::{
    app::App,
    config::MailProviderKind,
    identity,
    mail::{DeliveryEvent, EventProof, EventRefusal, HeadProof, Incoming, check_head, event_proof, read_events},
    types::{Actor, RequestContext, UtcTime},
};

/// The challenge where a signature is asked for. No scheme is registered for webhooks, and a 401 has to name one.
const SIGNATURE_CHALLENGE: &str = r#"Signature realm="stakis-identity""#;

/// How long a call waits until another one is read. After that it is refused, and the mail API sends it again.
const READER_PATIENCE: Duration = Duration::from_secs(2);

/// A call to the address of a configured mail API.
struct Call {
    kind: MailProviderKind,
    /// The secret of the settings, which the call has to prove.
    secret: SecretString,
    /// The headers by their names in lower case.
    headers: BTreeMap<String, String>,
    basic_credentials: Option<SecretString>,
    now: UtcTime,
}

/// Why a call is refused.
enum Refused {
    /// Nothing proves that it comes from the mail API. It counts against its source.
    Unproven(Problem),
    /// It is authentic, or was refused before anything of it was looked at.
    Plainly(Problem),
}

impl Call {
    /// Reads the head of a call; `None` where the service is not set up for events of the mail API (WH-03).
    fn read(app: &App, provider: &str, request: &HttpRequest) -> Option<Self> {
        let (kind, secret) = app.mail_event_secrets.iter().find(|(kind, _)| kind.as_str() == provider).cloned()?;
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        Some(Self {
            kind,
            secret,
            headers: request.headers().iter().filter_map(text).collect(),
            basic_credentials: basic_credentials(request.headers()),
            now: app.clock.now(),
        })
    }

    /// Reads the events. HTTP Basic credentials are checked before the body is read. A signature is made over the body,
    /// so such a body is read beforehand: from few callers at once, and not from a source that has just sent many calls
    /// that were not authentic.
    async fn read_events(
        &self,
        app: &App,
        context: &RequestContext,
        body: UnreadBody,
    ) -> Result<Vec<DeliveryEvent>, Refused> {
        let body = body.read("application/json", LARGEST_EVENTS);
        match check_head(self.kind, &self.secret, &self.incoming(b""), self.now) {
            Err(refusal) => Err(self.refused(refusal)),
            Ok(HeadProof::Authentic) => self.read_from(&body.await.map_err(Refused::Plainly)?),
            Ok(HeadProof::Claimed) => {
                identity::abuse::admit_events(app, context).map_err(|error| Refused::Plainly(error.into()))?;
                let _permit = wait_for_turn(app).await?;
                self.read_from(&body.await.map_err(Refused::Unproven)?)
            }
        }
    }

    fn read_from(&self, body: &[u8]) -> Result<Vec<DeliveryEvent>, Refused> {
        read_events(self.kind, &self.secret, &self.incoming(body), self.now)
            .map_err(|refusal| self.refused(refusal))
    }

    fn incoming<'a>(&'a self, body: &'a [u8]) -> Incoming<'a> {
        Incoming { headers: &self.headers, body, basic_credentials: self.basic_credentials.as_ref() }
    }

    fn refused(&self, refusal: EventRefusal) -> Refused {
        let challenge = match event_proof(self.kind) {
            EventProof::Basic => BASIC_CHALLENGE,
            EventProof::Signature { .. } => SIGNATURE_CHALLENGE,
        };
        match refusal {
            EventRefusal::NotAuthentic => Refused::Unproven(Problem::EventsNotAuthentic { challenge }),
            EventRefusal::Unreadable => Refused::Plainly(Problem::MalformedRequest(None)),
        }
    }
}

async fn wait_for_turn(app: &App) -> Result<SemaphorePermit<'_>, Refused> {
    let permit = time::timeout(READER_PATIENCE, app.event_readers.acquire()).await;
    permit.ok().and_then(Result::ok).ok_or(Refused::Plainly(Problem::Unavailable))
}

/// Receives delivery events
///
/// For the mail API, not for front ends: set this address as its webhook. Resend and SendGrid sign their calls (a
/// repetition within five minutes is accepted and changes nothing); Postmark, Brevo and Mailpit authenticate by HTTP
/// Basic. An event of a mail that the service does not know changes nothing either. On 503 send the same call again.
#[utoipa::path(
    post, path = "/v1/mail-events/{provider}", operation_id = "receiveMailEvents", tag = "Mail events",
    params(("provider" = String, Path, description = "The name of the mail API", example = "resend")),
    request_body(content = serde_json::Value, content_type = "application/json",
        description = "The events, in the form that the mail API documents; at most 256 KiB",
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
        TooManyForgedEvents,
    )
)]
pub(super) async fn receive(
    app: web::Data<App>,
    caller: Caller,
    provider: web::Path<String>,
    request: HttpRequest,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let call = Call::read(&app, &provider, &request).ok_or(Problem::NotFound)?;
    match call.read_events(&app, &caller.0, body).await {
        Ok(events) => {
            ActorSlot::of(&request).set(Actor::MailApi);
            identity::outbox::record_delivery(&app, call.kind.as_str(), events).await?;
            Ok(HttpResponse::NoContent().finish())
        }
        Err(Refused::Plainly(problem)) => Err(problem),
        Err(Refused::Unproven(problem)) => {
            identity::abuse::count_forged_events(&app, &caller.0, call.kind.as_str()).await?;
            Err(problem)
        }
    }
}
