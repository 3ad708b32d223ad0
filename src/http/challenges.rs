//! Proofs of work: asked for only while somebody goes over many customer numbers.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    problem::{Problem, ProblemBody},
    strict_json::{StrictJson, present},
    timestamp,
};
use crate::{
    app::App,
    crypto::Challenge,
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

/// A puzzle of 16 parts.
#[derive(Serialize, ToSchema)]
#[schema(as = Challenge)]
pub(super) struct ChallengeBody {
    /// To be hashed, as it is, with each nonce.
    #[schema(example = "nB7mT3xQ0aVd2KfY.12.1795356300.u2Zr0pQmT1c8Xo5dLk9VbW3eJfHs6yNaGi7tCqRz4Mw")]
    challenge: String,
    /// Leading zero bits that the hash of each part needs.
    #[schema(minimum = 1, maximum = 32, example = 12)]
    difficulty: u32,
    /// A proof is taken until then.
    #[schema(format = DateTime, example = "2026-11-22T14:05:00Z")]
    expires_at: String,
}

impl From<Challenge> for ChallengeBody {
    fn from(challenge: Challenge) -> Self {
        let Challenge { text, difficulty, expires_at } = challenge;
        Self { challenge: text, difficulty, expires_at: timestamp(expires_at) }
    }
}

/// What a `challenge-required` adds to a problem; empty in every other.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct ProblemChallenge {
    /// With `challenge-required`: to be hashed, as it is, with each nonce.
    #[schema(
        nullable = false,
        example = "nB7mT3xQ0aVd2KfY.12.1795356300.u2Zr0pQmT1c8Xo5dLk9VbW3eJfHs6yNaGi7tCqRz4Mw"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<String>,
    /// Leading zero bits that the hash of each part needs.
    #[schema(nullable = false, minimum = 1, maximum = 32, example = 12)]
    #[serde(skip_serializing_if = "Option::is_none")]
    difficulty: Option<u32>,
    /// A proof is taken until then.
    #[schema(nullable = false, format = DateTime, example = "2026-11-22T14:05:00Z")]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

impl ProblemChallenge {
    /// As in the schema.
    pub(super) fn example() -> Self {
        Self {
            challenge: Some(
                "nB7mT3xQ0aVd2KfY.12.1795356300.u2Zr0pQmT1c8Xo5dLk9VbW3eJfHs6yNaGi7tCqRz4Mw".to_owned(),
            ),
            difficulty: Some(12),
            expires_at: Some("2026-11-22T14:05:00Z".to_owned()),
        }
    }
}

impl From<Challenge> for ProblemChallenge {
    fn from(challenge: Challenge) -> Self {
        let ChallengeBody { challenge, difficulty, expires_at } = challenge.into();
        Self { challenge: Some(challenge), difficulty: Some(difficulty), expires_at: Some(expires_at) }
    }
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
