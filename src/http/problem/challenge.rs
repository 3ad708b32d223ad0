//! A challenge, as `POST /v1/challenges` gives it out and as a problem carries it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{crypto::Challenge, http::timestamp::timestamp};

/// A proof of work to do, in 16 parts.
#[derive(Serialize, ToSchema)]
#[schema(as = Challenge)]
pub(in crate::http) struct ChallengeBody {
    /// The challenge text. The text to hash for each nonce begins with it, unchanged.
    #[schema(example = "nB7mT3xQ0aVd2KfY.12.1795356300.u2Zr0pQmT1c8Xo5dLk9VbW3eJfHs6yNaGi7tCqRz4Mw")]
    challenge: String,
    /// The number of leading zero bits that the hash of each part needs.
    #[schema(minimum = 1, maximum = 32, example = 12)]
    difficulty: u32,
    /// The moment until which a proof is accepted.
    #[schema(format = DateTime, example = "2026-11-22T14:05:00Z")]
    expires_at: String,
}

impl From<Challenge> for ChallengeBody {
    fn from(challenge: Challenge) -> Self {
        let Challenge { text, difficulty, expires_at } = challenge;
        Self { challenge: text, difficulty, expires_at: timestamp(expires_at) }
    }
}

/// The fields that `challenge-required` adds to a problem; every other problem leaves them out.
#[derive(Default, Serialize, ToSchema)]
pub(in crate::http) struct ProblemChallenge {
    /// The challenge text where `code` is `challenge-required`. The text to hash for each nonce begins with it.
    #[schema(
        nullable = false,
        example = "nB7mT3xQ0aVd2KfY.12.1795356300.u2Zr0pQmT1c8Xo5dLk9VbW3eJfHs6yNaGi7tCqRz4Mw"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<String>,
    /// The number of leading zero bits that the hash of each part needs.
    #[schema(nullable = false, minimum = 1, maximum = 32, example = 12)]
    #[serde(skip_serializing_if = "Option::is_none")]
    difficulty: Option<u32>,
    /// The moment until which a proof is accepted.
    #[schema(nullable = false, format = DateTime, example = "2026-11-22T14:05:00Z")]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

impl ProblemChallenge {
    /// The values that stand as examples in the schema.
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
