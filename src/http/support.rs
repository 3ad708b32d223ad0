//! Support's question: why did no mail arrive?

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    door::{
        caller::{BearerToken, Caller, Language},
        strict_json::{StrictJson, present},
    },
    problem::{Problem, ProblemBody},
    timestamp::timestamp,
};
use crate::{
    app::App,
    identity::{
        self, Field, FieldError,
        support::{Diagnosis, Finding, Question, TimelineEntry},
    },
    types::{Actor, EmailAddress, Locale, RequestContext, Scope},
};

/// Whom it is about.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DiagnosisRequest {
    /// "Šifra stranke", as the customer gave it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "004217")]
    customer_number: Option<String>,
    /// The address at which the customer waits for the mail.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, format = Email, max_length = 254, example = "delavnica@example.si")]
    email: Option<String>,
}

/// The answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Diagnosis)]
pub(crate) struct DiagnosisBody {
    /// The decisive one first.
    findings: Vec<FindingBody>,
    /// What happened to requests, links, mails, the password and the account within 30 days, the newest first.
    timeline: Vec<TimelineEntryBody>,
}

impl DiagnosisBody {
    /// As `/v1/support/diagnosis` and the command line answer.
    pub(crate) fn new(diagnosis: &Diagnosis, locale: Locale) -> Self {
        let for_customer = diagnosis.for_customer;
        Self {
            findings: diagnosis
                .findings
                .iter()
                .map(|finding| FindingBody::new(finding, for_customer, locale))
                .collect(),
            timeline: diagnosis.timeline.iter().map(TimelineEntryBody::new).collect(),
        }
    }
}

/// One fact.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub(super) struct FindingBody {
    /// For programs.
    #[schema(example = "mail_bounced")]
    code: &'static str,
    /// `blocking`: nothing arrives until somebody changes something; `warning`: it takes time or a step of the
    /// customer's; `info`.
    #[schema(example = "blocking")]
    severity: &'static str,
    /// To tell the customer. `null` unless `email` was sent and is the address on file: whoever only knows a number must
    /// not learn from support what belongs to it.
    #[schema(example = "Vaš poštni strežnik je naše sporočilo zavrnil.")]
    message: Option<String>,
    /// When it came to be so.
    #[schema(format = DateTime, example = "2026-11-22T13:05:00.000Z")]
    at: Option<String>,
    /// Until when it holds, or when the next attempt is.
    #[schema(format = DateTime, example = "2026-11-29T13:05:00.000Z")]
    until: Option<String>,
    /// What support does next.
    #[schema(example = "S stranko preverite e-poštni naslov.")]
    next_step: String,
}

impl FindingBody {
    fn new(finding: &Finding, for_customer: bool, locale: Locale) -> Self {
        Self {
            code: finding.code.as_str(),
            severity: finding.severity.as_str(),
            message: for_customer.then(|| finding.customer_sentence(locale)),
            at: finding.at.map(timestamp),
            until: finding.until.map(timestamp),
            next_step: finding.next_step(locale),
        }
    }
}

/// One line of the timeline.
#[derive(Serialize, ToSchema)]
#[schema(as = Moment)]
pub(super) struct TimelineEntryBody {
    /// When; of lines that are counted together, the first.
    #[schema(format = DateTime, example = "2026-11-22T13:05:00.000Z")]
    at: String,
    /// What.
    #[schema(example = "mail_handed_over")]
    event: String,
    /// A word or two more.
    #[schema(example = "handed_over")]
    detail: Option<String>,
    /// How often.
    #[schema(example = 1)]
    count: i32,
}

impl TimelineEntryBody {
    fn new(entry: &TimelineEntry) -> Self {
        let TimelineEntry { at, event, detail, count } = entry;
        Self { at: timestamp(*at), event: event.as_str().to_owned(), detail: detail.clone(), count: *count }
    }
}

/// Says why no mail arrived
///
/// For support, when a customer waits for the reset mail. Send the number and, where the customer gave one, the address.
/// The first finding decides; `next_step` is for support, `message` for the customer. Sentences follow
/// `Accept-Language`. Every call is written into the audit trail. On 401 ask for a new token, once; on 422 mark the fields;
/// on 429 wait as `Retry-After` says.
#[utoipa::path(
    post, path = "/v1/support/diagnosis", operation_id = "diagnose", tag = "Support",
    security(("machine" = ["support:read"])),
    request_body(content = DiagnosisRequest, description = "What the customer says", example = json!({
        "customer_number": "004217",
        "email": "delavnica@example.si",
    })),
    responses(
        (status = 200, description = "What is known", body = DiagnosisBody),
        (status = 401, description = "`invalid-token`: get a new one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient-scope`: the client lacks `support:read`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`: the number or the address is no such thing", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "`rate-limited`: this client has asked too often", body = ProblemBody, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds to wait"))),
    )
)]
pub(super) async fn diagnose(
    app: web::Data<App>,
    caller: Caller,
    Language(locale): Language,
    token: BearerToken,
    StrictJson(body): StrictJson<DiagnosisRequest>,
) -> Result<HttpResponse, Problem> {
    let machine = identity::clients::authenticate(&app, &token.0, Scope::SupportRead).await?;
    let number = FieldError::check_customer_number(body.customer_number.as_deref());
    let email =
        body.email.map(|text| EmailAddress::parse(&text).map_err(|_| FieldError::invalid_format(Field::Email)));
    let (number, email) = match (number, email.transpose()) {
        (Ok(number), Ok(email)) => (number, email),
        (number, email) => {
            return Err(Problem::ValidationFailed([number.err(), email.err()].into_iter().flatten().collect()));
        }
    };
    let context = RequestContext { actor: Actor::Client(machine.client_id), ..caller.0 };
    let diagnosis = identity::support::diagnose(&app, &context, Question { number, email }).await?;
    Ok(HttpResponse::Ok().json(DiagnosisBody::new(&diagnosis, locale)))
}
