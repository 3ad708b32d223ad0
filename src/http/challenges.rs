//! Proofs of work: asked for only while somebody goes over many customer numbers.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    door::strict_json::{StrictJson, present},
    problem::{ChallengeBody, Problem, ProblemBody},
};
use crate::{
    app::App,
    identity::{self, FieldError},
};

/// What the proof is to be for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateChallenge {
    /// The number that the next request is about: a proof serves no other.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required, pattern = "^[0-9]{6}$", min_length = 6, max_length = 6, example = "004217")]
    customer_number: Option<String>,
}

/// Gives out a challenge
///
/// A front end needs none until a sign-in or a reset request answers 403 `challenge-required`, and that answer carries one
/// already. Solve it and repeat the request with `proof`: for each part from 0 to 15 find a nonce, a decimal number of at
/// most ten digits, with which the SHA-256 of the ASCII text `{challenge}.{part}.{nonce}` begins with `difficulty` zero
/// bits; `proof` is `{challenge}.{nonce 0}-{nonce 1}-…-{nonce 15}`. That takes a browser a fraction of a second. A proof
/// serves once, for its number, until `expires_at`; a request that presents a known `device_token` needs none. A solver in
/// TypeScript is at `/docs/typescript/proof-of-work.ts`. On 422 mark the field.
#[utoipa::path(
    post, path = "/v1/challenges", operation_id = "createChallenge", tag = "Proof of work",
    request_body(content = CreateChallenge, description = "What the proof is to be for"),
    responses(
        (status = 201, description = "To be solved", body = ChallengeBody),
        (status = 422, description = "`validation-failed`: the number is missing (`required`) or not six digits (`invalid_format`)", body = ProblemBody, content_type = "application/problem+json"),
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
