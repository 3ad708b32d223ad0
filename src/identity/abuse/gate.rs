//! The checks that a request from an unknown device has to pass before anything is done with its customer number: the
//! limits of the source, and the proof of work while one is asked for.

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

/// The gate of one request. It is built before the transaction in which it is passed.
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

    /// The refusal that memory alone decides, without a query: a flood of requests of one source costs no more than
    /// this. A use case that refuses because of it calls [`Self::count_early_refusal`].
    pub(in crate::identity) fn early_refusal(&self) -> Option<Refusal> {
        self.limits.recent_refusal().cloned()
    }

    /// Counts an early refusal in the metrics.
    pub(in crate::identity) fn count_early_refusal(&self) {
        self.limits.count_refusal();
    }

    /// Whether passing the gate writes nothing to the database: no limit applies, and no proof is to be spent.
    pub(in crate::identity) fn writes_nothing(&self) -> bool {
        self.limits.are_none() && matches!(self.proof, ProofState::NotAsked)
    }

    /// Takes one request from every limit of the source and spends the proof, before anything else is written. A request
    /// without the proof that is asked for takes from the limits like any other (RL-01). Its number counts among the
    /// numbers that are tried only where the limits let it through: one source raises the difficulty for everybody by no
    /// more than its own allowance.
    pub(in crate::identity) fn pass(&self, tx: &mut Tx<'_>) -> Result<Decision<()>, StoreError> {
        if let Decision::Refused(refusal) = self.limits.take(tx, Some(&self.number))? {
            return Ok(Decision::Refused(refusal));
        }
        self.app.pressure.note(self.signal, &self.number, tx.now);
        self.proof.spend(tx)
    }

    /// Takes the number out of those that the source tries. After the right password it is the caller's own.
    pub(in crate::identity) fn forget_number(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        self.app.pressure.note(Signal::Succeeded, &self.number, tx.now);
        self.limits.forget_number(tx, &self.number)
    }
}
