//! The diagnosis for support: why did no mail arrive?

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    door::{
        body::UnreadBody,
        caller::{Language, MachineCaller},
        strict_json::present,
    },
    problem::{MachineTokenUnusable, Problem, ScopeMissing, TooManyDiagnoses, WrongDiagnosisFields},
    timestamp::timestamp,
};
use crate::{
    app::App,
    identity::{
        self, Field, FieldError,
        support::{Diagnosis, Finding, FindingCode, Question, Severity, TimelineEntry, TimelineEvent},
    },
    types::{AccountId, CustomerNumber, EmailAddress, Locale, Scope},
};

/// The customer whose mail did not arrive.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DiagnosisRequest {
    /// The customer number, as the customer gave it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CustomerNumber, required)]
    customer_number: Option<String>,
    /// The e-mail address at which the customer waits for the mail.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, format = Email, max_length = 254, example = "delavnica@example.si")]
    email: Option<String>,
}

/// The reasons why no mail arrived, and the timeline of earlier events.
#[derive(Serialize, ToSchema)]
#[schema(as = Diagnosis)]
pub(crate) struct DiagnosisBody {
    /// All findings, the decisive one first.
    findings: Vec<FindingBody>,
    /// The events of requests, links, mails, the password and the account within 30 days, the newest first.
    timeline: Vec<TimelineEntryBody>,
    /// The id of the account, for acts on it. It is null where the number has no account, or the token lacks
    /// `support:act`.
    #[schema(value_type = Option<String>, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
    account_id: Option<AccountId>,
}

impl DiagnosisBody {
    /// Makes the answer of both `/v1/support/diagnosis` and the command line.
    pub(crate) fn new(diagnosis: &Diagnosis, locale: Locale) -> Self {
        let for_customer = diagnosis.for_customer;
        Self {
            findings: diagnosis
                .findings
                .iter()
                .map(|finding| FindingBody::new(finding, for_customer, locale))
                .collect(),
            timeline: diagnosis.timeline.iter().map(|entry| TimelineEntryBody::new(entry, locale)).collect(),
            account_id: diagnosis.account_id.clone(),
        }
    }
}

/// One fact about the customer's mail.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub(super) struct FindingBody {
    /// The kind of finding, by which programs decide.
    code: FindingCode,
    /// The weight of the finding for the customer.
    severity: Severity,
    /// A sentence to tell the customer. It is null unless `email` was sent and is the address on file: a caller who
    /// only knows a number must not learn from support what belongs to it.
    #[schema(example = "Vaš poštni strežnik je naše sporočilo zavrnil.")]
    message: Option<String>,
    /// The moment at which the finding became true.
    #[schema(format = DateTime, example = "2026-11-22T13:05:00.000Z")]
    at: Option<String>,
    /// The moment until which this holds, or at which the next attempt follows.
    #[schema(format = DateTime, example = "2026-11-29T13:05:00.000Z")]
    until: Option<String>,
    /// The next step for support, as a sentence.
    #[schema(example = "S stranko preverite e-poštni naslov.")]
    next_step: String,
}

impl FindingBody {
    fn new(finding: &Finding, for_customer: bool, locale: Locale) -> Self {
        Self {
            code: finding.code,
            severity: finding.severity,
            message: for_customer.then(|| finding.customer_sentence(locale)),
            at: finding.at.map(timestamp),
            until: finding.until.map(timestamp),
            next_step: finding.next_step(locale),
        }
    }
}

/// One line of the timeline.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineEntry)]
pub(super) struct TimelineEntryBody {
    /// The moment of the event; the first one where several are counted together.
    #[schema(format = DateTime, example = "2026-11-22T13:05:00.000Z")]
    at: String,
    /// The kind of event, by which programs decide.
    event: TimelineEvent,
    /// The outcome of the event as one word; null where it has none.
    #[schema(example = "handed_over")]
    detail: Option<String>,
    /// The number of events in this line.
    #[schema(example = 1)]
    count: i32,
    /// The event, its detail and the number as words for people.
    #[schema(example = "Sporočilo je bilo predano v dostavo")]
    message: String,
}

impl TimelineEntryBody {
    fn new(entry: &TimelineEntry, locale: Locale) -> Self {
        let TimelineEntry { at, event, detail, count } = entry;
        let message = entry.words(locale);
        Self { at: timestamp(*at), event: *event, detail: detail.clone(), count: *count, message }
    }
}

/// Diagnoses why no mail arrived
///
/// For support, when a customer waits for the reset mail. Send the number and, where the customer gave one, the
/// address. The first finding decides; `next_step` is for support, `message` for the customer. Sentences follow
/// `Accept-Language`. Every call is recorded in the audit trail. On 401 ask for a new token, once; on 422 mark the
/// fields; on 429 wait as `Retry-After` says.
#[utoipa::path(
    post, path = "/v1/support/diagnosis", operation_id = "diagnoseMail", tag = "Support",
    request_body(
        content = DiagnosisRequest, description = "The number and the address that the customer gave",
        example = json!({ "customer_number": "004217", "email": "delavnica@example.si" }),
    ),
    responses(
        (status = 200, description = "The findings and the timeline", body = DiagnosisBody),
        MachineTokenUnusable,
        ScopeMissing,
        WrongDiagnosisFields,
        TooManyDiagnoses,
    )
)]
pub(super) async fn diagnose(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    Language(locale): Language,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let body: DiagnosisRequest = body.json().await?;
    let number = FieldError::check_customer_number(body.customer_number.as_deref());
    let email =
        body.email.map(|text| EmailAddress::parse(&text).map_err(|_| FieldError::invalid_format(Field::Email)));
    let (number, email) = match (number, email.transpose()) {
        (Ok(number), Ok(email)) => (number, email),
        (number, email) => {
            return Err(Problem::ValidationFailed([number.err(), email.err()].into_iter().flatten().collect()));
        }
    };
    let mut diagnosis = identity::support::diagnose(&app, &context, Question { number, email }).await?;
    if !machine.scopes.contains(Scope::SupportAct) {
        diagnosis.account_id = None;
    }
    Ok(HttpResponse::Ok().json(DiagnosisBody::new(&diagnosis, locale)))
}
