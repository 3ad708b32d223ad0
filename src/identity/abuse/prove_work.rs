//! Asking for a proof of work while somebody goes over many numbers (RL-05).

use crate::{
    app::App,
    crypto::{Challenge, Proof},
    identity::refusal::Refusal,
    store::{StoreError, Transaction, spent_proofs},
    types::{CustomerNumber, UtcTime},
};

/// A challenge to solve, whether or not a proof is asked for now.
#[must_use]
pub fn issue_challenge(app: &App, number: &CustomerNumber) -> Challenge {
    let now = app.clock.now();
    app.keyring.challenge(number, app.pressure.look(now).level, now)
}

/// What stands of the proof that came with a request.
#[derive(Clone)]
pub(in crate::identity) enum Proven {
    /// None is asked for.
    NotAsked,
    /// It is right, and still to be spent.
    Yes { proof: Proof, otherwise: Challenge },
    /// None, or a wrong one.
    No(Challenge),
}

impl Proven {
    pub(in crate::identity) fn check(
        app: &App,
        number: &CustomerNumber,
        proof: Option<&str>,
        now: UtcTime,
    ) -> Self {
        let level = app.pressure.look(now).level;
        if level == 0 {
            return Self::NotAsked;
        }
        let challenge = app.keyring.challenge(number, level, now);
        match proof.and_then(|proof| app.keyring.check_proof(number, proof, level, now)) {
            Some(proof) => Self::Yes { proof, otherwise: challenge },
            None => Self::No(challenge),
        }
    }

    /// Spends the proof in the caller's transaction: it serves once.
    pub(in crate::identity) fn spend(&self, tx: &mut Transaction<'_>) -> Result<Result<(), Refusal>, StoreError> {
        match self {
            Self::NotAsked => Ok(Ok(())),
            Self::Yes { proof, otherwise } => {
                let is_fresh = spent_proofs::spend(tx, &proof.id, proof.expires_at)?;
                Ok(if is_fresh { Ok(()) } else { Err(Refusal::ChallengeRequired(otherwise.clone())) })
            }
            Self::No(challenge) => Ok(Err(Refusal::ChallengeRequired(challenge.clone()))),
        }
    }
}
