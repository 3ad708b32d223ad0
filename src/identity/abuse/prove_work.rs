//! Asking for a proof of work while many customer numbers are tried at once (RL-05).

use crate::{
    app::App,
    crypto::{Challenge, Proof},
    identity::{refusal::Refusal, transaction::Decision},
    store::{StoreError, Transaction, spent_proofs},
    types::{CustomerNumber, UtcTime},
};

/// Issues a challenge for a proof of work, whether or not a proof is asked for now.
#[must_use]
pub fn issue_challenge(app: &App, number: &CustomerNumber) -> Challenge {
    let now = app.clock.now();
    app.keyring.challenge(number, app.pressure.reading(now).level, now)
}

/// The state of the proof that came with a request.
#[derive(Clone)]
pub(super) enum ProofState {
    /// No proof is asked for.
    NotAsked,
    /// The proof is right, and has yet to be spent.
    Right {
        /// The proof that came with the request.
        proof: Proof,
        /// The challenge for the answer where the proof was spent before.
        next: Challenge,
    },
    /// The proof is missing or wrong.
    Missing(Challenge),
}

impl ProofState {
    pub(super) fn find(app: &App, number: &CustomerNumber, proof: Option<&str>, now: UtcTime) -> Self {
        let level = app.pressure.reading(now).level;
        if level == 0 {
            return Self::NotAsked;
        }
        let challenge = app.keyring.challenge(number, level, now);
        match proof.and_then(|proof| app.keyring.check_proof(number, proof, level, now)) {
            Some(proof) => Self::Right { proof, next: challenge },
            None => Self::Missing(challenge),
        }
    }

    /// Spends the proof, which serves once.
    pub(super) fn spend(&self, tx: &mut Transaction<'_>) -> Result<Decision<()>, StoreError> {
        Ok(match self {
            Self::NotAsked => Decision::Done(()),
            Self::Right { proof, .. } if spent_proofs::consume(tx, &proof.id, proof.expires_at)? => {
                Decision::Done(())
            }
            Self::Right { next: challenge, .. } | Self::Missing(challenge) => {
                Decision::Refused(Refusal::ChallengeRequired(challenge.clone()))
            }
        })
    }
}
