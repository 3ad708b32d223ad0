//! What a stranger meets before anything is done with a customer number: the limits of the source, and the proof of
//! work while one is asked for.

use super::{prove_work::ProofState, source_limits::SourceLimits};
use crate::{
    app::App,
    identity::{
        refusal::Refusal,
        transaction::{Decision, Tx},
    },
    limits::Signal,
    store::{StoreError, Transaction},
    types::CustomerNumber,
};

/// Built before the transaction in which it is passed.
#[derive(Clone)]
pub(in crate::identity) struct Gate {
    app: App,
    limits: SourceLimits,
    proof: ProofState,
    number: CustomerNumber,
    signal: Signal,
}

impl Gate {
    /// The gate before a reset request.
    pub(in crate::identity) fn of_reset(
        app: &App,
        limits: SourceLimits,
        number: &CustomerNumber,
        proof: Option<&str>,
    ) -> Self {
        Self::new(app, limits, number, proof, Signal::Asked)
    }

    /// The gate before a sign-in from a device that is not known.
    pub(in crate::identity) fn of_sign_in(
        app: &App,
        limits: SourceLimits,
        number: &CustomerNumber,
        proof: Option<&str>,
    ) -> Self {
        Self::new(app, limits, number, proof, Signal::Failed)
    }

    fn new(app: &App, limits: SourceLimits, number: &CustomerNumber, proof: Option<&str>, signal: Signal) -> Self {
        let proof = ProofState::find(app, number, proof, app.clock.now());
        Self { app: app.clone(), limits, proof, number: number.clone(), signal }
    }

    /// The refusal that takes no look into the database: a flood costs no more than that. A use case that refuses because
    /// of it calls [`Self::note_early_refusal`].
    pub(in crate::identity) fn early_refusal(&self) -> Option<Refusal> {
        self.limits.recent_refusal().cloned().or_else(|| self.proof.refusal())
    }

    /// Counts an early refusal. The number of a request without proof of work counts among those that are tried.
    pub(in crate::identity) fn note_early_refusal(&self) {
        if self.limits.recent_refusal().is_some() {
            self.limits.count_refusal();
        } else {
            self.app.pressure.note(self.signal, &self.number, self.app.clock.now());
        }
    }

    /// Whether passing it leaves nothing in the database: nothing is limited, and no proof is to be spent.
    pub(in crate::identity) fn writes_nothing(&self) -> bool {
        self.limits.are_none() && matches!(self.proof, ProofState::NotAsked)
    }

    /// Takes from every limit of the source and spends the proof, before anything else is written.
    pub(in crate::identity) fn pass(&self, tx: &mut Tx<'_>) -> Result<Decision<()>, StoreError> {
        if let Decision::Refused(refusal) = self.limits.take(tx, Some(&self.number))? {
            return Ok(Decision::Refused(refusal));
        }
        self.app.pressure.note(self.signal, &self.number, tx.now);
        self.proof.spend(tx)
    }

    /// After the right password the number belongs to who tried it: it is no longer one of many that the source tries.
    pub(in crate::identity) fn forget_number(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        self.app.pressure.note(Signal::Succeeded, &self.number, tx.now);
        self.limits.forget_number(tx, &self.number)
    }
}
