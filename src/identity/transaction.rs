//! Transactions of use cases: what every one of them works with, and how it ends.

use std::ops::{Deref, DerefMut};

use super::refusal::{IdentityError, Refusal};
use crate::{
    app::App,
    metrics::RefusingLimit,
    store::{
        StoreError, Transaction,
        audit_events::{Entry, Event},
    },
    types::RequestContext,
};

/// A transaction of a use case: the transaction of the store with the origin of the request and the parts of the
/// service. Functions of the store take it as their own.
pub(in crate::identity) struct Tx<'c> {
    transaction: Transaction<'c>,
    /// The origin of the request.
    pub(in crate::identity) context: RequestContext,
    /// The parts of the service.
    pub(in crate::identity) app: App,
    refused_by: Vec<RefusingLimit>,
}

impl<'c> Deref for Tx<'c> {
    type Target = Transaction<'c>;

    fn deref(&self) -> &Transaction<'c> {
        &self.transaction
    }
}

impl<'c> DerefMut for Tx<'c> {
    fn deref_mut(&mut self) -> &mut Transaction<'c> {
        &mut self.transaction
    }
}

impl Tx<'_> {
    /// An entry of the audit trail about what this transaction does, to be completed and appended.
    pub(in crate::identity) fn entry(&self, event: Event) -> Entry {
        Entry::new(event, &self.context, self.now)
    }

    /// Notes the limit that refuses. The metrics count it once the transaction is committed: a refusal that is rolled
    /// back is not made.
    pub(in crate::identity) fn note_refusal(&mut self, limit: RefusingLimit) {
        self.refused_by.push(limit);
    }
}

/// How a transaction that may refuse ends. Both outcomes are committed: a refusal keeps what it has counted and noted.
/// A refusal that must leave nothing behind is an error ([`IdentityError::Refused`]), which rolls back.
#[derive(Debug)]
#[must_use]
pub(in crate::identity) enum Decision<T> {
    /// The work is done.
    Done(T),
    /// The caller is refused.
    Refused(Refusal),
}

impl<T> Decision<T> {
    /// A refusal as an error.
    pub(in crate::identity) fn into_result(self) -> Result<T, IdentityError> {
        match self {
            Self::Done(outcome) => Ok(outcome),
            Self::Refused(refusal) => Err(refusal.into()),
        }
    }
}

/// What a transaction leaves to its caller.
struct Committed<T> {
    outcome: T,
    refused_by: Vec<RefusingLimit>,
}

impl<T> Committed<T> {
    /// Counts the refusals, and returns the outcome.
    fn outcome_for(self, app: &App) -> T {
        for limit in self.refused_by {
            app.metrics.limits.refused(limit);
        }
        self.outcome
    }
}

/// The work of a use case, as the store runs it.
fn on_behalf_of<T>(
    app: &App,
    context: &RequestContext,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, IdentityError> + Send + 'static,
) -> impl FnOnce(&mut Transaction<'_>) -> Result<Committed<T>, IdentityError> + Send + 'static {
    let (context, app) = (context.clone(), app.clone());
    move |Transaction { connection, now, clock }| {
        let transaction = Transaction { connection, now: *now, clock: *clock };
        let mut tx = Tx { transaction, context, app, refused_by: Vec::new() };
        let outcome = work(&mut tx)?;
        Ok(Committed { outcome, refused_by: tx.refused_by })
    }
}

impl App {
    /// Runs queries that only read. Each of them sees the tables as they are at its own moment.
    pub(in crate::identity) async fn query<T: Send + 'static>(
        &self,
        queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.database.query(queries).await
    }

    /// Runs queries that only read. All of them see the tables as they are at one moment.
    pub(in crate::identity) async fn read<T: Send + 'static>(
        &self,
        queries: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.database.read(queries).await
    }

    /// Runs one transaction on behalf of the context. It is committed when `work` succeeds and rolled back when it
    /// fails.
    pub(in crate::identity) async fn transact<T: Send + 'static>(
        &self,
        context: &RequestContext,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let committed = self.database.write(on_behalf_of(self, context, work)).await?;
        Ok(committed.outcome_for(self))
    }

    /// Runs one transaction that counts a call against limits, and reads. A crash of the database may lose the count
    /// ([`Database::count`](crate::store::Database::count)), so nothing else is written in it but the client's last use
    /// and what a refusal notes.
    pub(in crate::identity) async fn count<T: Send + 'static>(
        &self,
        context: &RequestContext,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let committed = self.database.count(on_behalf_of(self, context, work)).await?;
        Ok(committed.outcome_for(self))
    }

    /// Runs one transaction that may take minutes, such as an import, on a connection of its own.
    pub(in crate::identity) async fn transact_long<T, E>(
        &self,
        context: &RequestContext,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (context, app) = (context.clone(), self.clone());
        let done = self.database.write_long(move |transaction| {
            let Transaction { connection, now, clock } = transaction;
            let transaction = Transaction { connection, now: *now, clock: *clock };
            work(&mut Tx { transaction, context, app, refused_by: Vec::new() })
        });
        done.await
    }

    /// Runs one transaction that may refuse. A refusal is committed as well, and becomes the error.
    pub(in crate::identity) async fn decide<T: Send + 'static>(
        &self,
        context: &RequestContext,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Decision<T>, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        self.transact(context, work).await?.into_result()
    }
}
