//! Who is calling? The codes that support asks for.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    door::{body::UnreadBody, caller::MachineCaller, strict_json::present},
    idempotency::{DESCRIPTION, IdempotencyKey, Repeatable, once},
    problem::{
        CallInFlight, MachineTokenUnusable, NoSuchCallerCode, Problem, ScopeMissing, WrongCallerCode,
        WrongCallerQuestion,
    },
    timestamp::timestamp,
};
use crate::{
    app::App,
    identity::{
        Field, FieldError,
        caller_codes::{self, AskedCode, CallerQuestion, CheckedCode},
        idempotency::{Answer, Repeats},
    },
    types::{CallerCode, CallerCodeId, CallerCodeWay, CustomerNumber},
};

/// The customer who is said to be calling.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CallerCodeRequest {
    /// The customer number, as the caller gave it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CustomerNumber, required)]
    customer_number: Option<String>,
    /// The way by which the customer gets the code.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CallerCodeWay, required)]
    deliver_to: Option<String>,
}

/// The question that support has asked.
#[derive(Serialize, ToSchema)]
#[schema(as = CallerCodeQuestion)]
pub(super) struct QuestionBody {
    /// The id of the question, under which the code is checked.
    #[schema(value_type = String, example = "qzv4kd2m7xw3hj5tncrb8ys6pa")]
    id: CallerCodeId,
    /// The moment until which the code can be checked.
    #[schema(format = DateTime, example = "2026-11-22T13:15:00.000Z")]
    expires_at: String,
}

/// The code that the caller has read out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CallerCodeCheck {
    /// The six digits, as a string without spaces.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        value_type = String, required, pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "004217",
    )]
    code: Option<String>,
}

/// What the check has found.
#[derive(Serialize, ToSchema)]
#[schema(as = CallerCodeResult)]
pub(super) struct CheckBody {
    /// Whether the caller has read the right code.
    #[schema(example = true)]
    verified: bool,
    /// The way by which the customer got the code; null where it is not verified.
    by: Option<CallerCodeWay>,
}

/// Asks who is calling
///
/// For support, when somebody calls. The customer gets six digits, on the account page or in a mail to the address on file,
/// and reads them out; check them under `id`. The answer is the same for every number: it tells neither whether a customer
/// has it nor whether a code was sent. A question ends the one before about the same number. After three questions in an
/// hour or six in a day about a number, and after 60 of one client in an hour, nothing is sent. No mail goes to an address
/// that was changed within its cooling-off. Every question stands in the audit trail, and the customer sees it. On 401 ask
/// for a new token, once; on 422 mark the fields.
#[utoipa::path(
    post, path = "/v1/support/caller-codes", operation_id = "askCallerCode", tag = "Support",
    params((
        "Idempotency-Key" = Option<String>, Header, description = DESCRIPTION, min_length = 1, max_length = 255,
        example = "0d4e2f5c-8a31-4b57-9c1f-6f0d2b9a8e7d",
    )),
    request_body(
        content = CallerCodeRequest, description = "The number, and the way to the customer",
        example = json!({ "customer_number": "004217", "deliver_to": "page" }),
    ),
    responses(
        (status = 201, description = "The question is asked", body = QuestionBody),
        MachineTokenUnusable,
        ScopeMissing,
        CallInFlight,
        WrongCallerQuestion,
    )
)]
pub(super) async fn ask(
    app: web::Data<App>,
    caller: MachineCaller,
    key: IdempotencyKey,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let body: CallerCodeRequest = body.json().await?;
    let number = FieldError::check_customer_number(body.customer_number.as_deref());
    let way = match &body.deliver_to {
        Some(text) => CallerCodeWay::parse(text).map_err(|_| FieldError::invalid_format(Field::DeliverTo)),
        None => Err(FieldError::required(Field::DeliverTo)),
    };
    let (number, way) = match (number, way, key.error()) {
        (Ok(number), Ok(way), None) => (number, way),
        (number, way, key) => {
            return Err(Problem::ValidationFailed([number.err(), way.err(), key].into_iter().flatten().collect()));
        }
    };
    let question = CallerQuestion { client: caller.machine.client_id.clone(), number, way };
    let repeatable = Repeatable { operation: "askCallerCode", repeats: Repeats::Answer };
    once((&app, &caller), repeatable, (key, &body), render, |recording| {
        caller_codes::ask(&app, &caller.context, question, recording)
    })
    .await
}

fn render(asked: &AskedCode) -> Answer {
    let body = QuestionBody { id: asked.id.clone(), expires_at: timestamp(asked.expires_at) };
    // The body holds texts alone, so writing it as JSON cannot fail.
    Answer { status: 201, headers: Vec::new(), body: serde_json::to_string(&body).unwrap_or_default() }
}

/// Checks a caller code
///
/// Five tries for each question, and one success: a right code is used up. A code that is wrong, expired or used up, and one
/// that was never sent, give the same answer. `by` tells whether the customer read the code on the signed-in account page or
/// in a mail. A right code shows who has that session or mailbox. It never alone suffices for a change of the address. On
/// 404 ask again; on 422 correct the code, which has counted as no try.
#[utoipa::path(
    post, path = "/v1/support/caller-codes/{id}/check", operation_id = "checkCallerCode", tag = "Support",
    params(("id" = String, Path, description = "The `id` of the question", example = "qzv4kd2m7xw3hj5tncrb8ys6pa")),
    request_body(content = CallerCodeCheck, description = "The code that the caller has read out"),
    responses(
        (status = 200, description = "What the check has found", body = CheckBody),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchCallerCode,
        WrongCallerCode,
    )
)]
pub(super) async fn check(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let CallerCodeCheck { code } = body.json().await?;
    let id = CallerCodeId::parse(&id).ok_or(Problem::NotFound)?;
    let invalid = |error| Problem::ValidationFailed(vec![error]);
    let code = code.ok_or(invalid(FieldError::required(Field::Code)))?;
    let code = CallerCode::parse(&code).ok_or(invalid(FieldError::invalid_format(Field::Code)))?;
    let checked = caller_codes::check(&app, &context, machine.client_id, id, code).await?;
    let by = match checked {
        CheckedCode::Verified(way) => Some(way),
        CheckedCode::NotVerified => None,
    };
    Ok(HttpResponse::Ok().json(CheckBody { verified: by.is_some(), by }))
}
