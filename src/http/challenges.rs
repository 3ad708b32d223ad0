//! Proofs of work, which are required while an attack tries many customer numbers.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    door::strict_json::{StrictJson, present},
    problem::{ChallengeBody, Problem, WrongCustomerNumber},
};
use crate::{
    app::App,
    identity::{self, FieldError},
    types::CustomerNumber,
};

/// The customer number that the proof of work is for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateChallenge {
    /// The customer number of the request that needs the proof. The proof is accepted for this number only.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CustomerNumber, required)]
    customer_number: Option<String>,
}

/// Issues a challenge
///
/// A front end needs no challenge until a sign-in or a reset request answers 403 `challenge-required`, and that answer
/// carries one already. Solve it and repeat the request with `proof`. For each part from 0 to 15 find a nonce, a
/// decimal number of at most ten digits, with which the SHA-256 of the ASCII text `{challenge}.{part}.{nonce}` begins
/// with `difficulty` zero bits; `proof` is `{challenge}.{nonce 0}-{nonce 1}-…-{nonce 15}`. That takes a browser a
/// fraction of a second. A proof is accepted once, for its number, until `expires_at`; a request with a known
/// `device_token` needs none. A solver in TypeScript is at `/docs/typescript/proof-of-work.ts`. On 422 mark the field.
#[utoipa::path(
    post, path = "/v1/challenges", operation_id = "createChallenge", tag = "Proof of work",
    request_body(content = CreateChallenge, description = "The customer number that the proof is for"),
    responses(
        (status = 201, description = "The challenge to solve", body = ChallengeBody),
        WrongCustomerNumber,
    )
)]
pub(super) async fn create(
    app: web::Data<App>,
    StrictJson(body): StrictJson<CreateChallenge>,
) -> Result<HttpResponse, Problem> {
    let number = FieldError::check_customer_number(body.customer_number.as_deref())
        .map_err(|error| Problem::ValidationFailed(vec![error]))?;
    let challenge = identity::abuse::issue_challenge(&app, &number);
    Ok(HttpResponse::Created().json(ChallengeBody::from(challenge)))
}
