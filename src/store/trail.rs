//! Appending to the audit trail, with the event that other systems are told. Every act that changes something has an entry,
//! so what is told follows from the entry in one place: an act that is new to the trail has to be placed here too.
//!
//! The ends of sessions and of passwords are told where they are stored (`sessions`, `accounts`), since one entry may stand
//! for several of them.

use diesel::{insert_into, prelude::*};

use super::{
    audit_events::{Entry, Event, Fact},
    engine::{AnyConnection, CombinedStatement, StoreError, Transaction},
    events::{self, NewEvent},
    schema::{audit_events, events as events_table},
};
use crate::types::{
    AccountId, BounceCause, DeliveryKind,
    told::{
        AccountClosedData, AccountCreatedData, AccountErasedData, AccountLockedDownData, AccountReopenedData,
        AccountUpdatedData, EmailChangedData, MailBouncedData, MailDeliveredData, PasswordChangedData,
        PasswordResetRequestedData, SessionReuseDetectedData, SessionStartedData, SignInThrottledData, Told,
    },
};

impl Entry {
    /// Appends the entry in the transaction of the action that it records, and the event that it tells, in one statement
    /// on PostgreSQL.
    pub fn append(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        let entry = insert_into(audit_events::table).values(self);
        let Some(event) = event_of(self)? else {
            entry.execute(tx.connection)?;
            return Ok(());
        };
        match tx.connection {
            AnyConnection::Sqlite(_) => {
                entry.execute(tx.connection)?;
                events::insert(tx, &[event])?;
            }
            AnyConnection::Postgres(connection) => {
                let last = insert_into(events_table::table).values(&event);
                CombinedStatement { writes: &[&entry], last }.execute(connection)?;
            }
        }
        Ok(())
    }
}

/// The event that an entry tells; `None` for what is told to nobody.
#[expect(clippy::too_many_lines, reason = "one exhaustive match says of every act what is told of it")]
pub(super) fn event_of(entry: &Entry) -> Result<Option<NewEvent>, StoreError> {
    let (now, by) = (entry.occurred_at, entry.by);
    let account = || entry.account_id.clone().ok_or_else(|| untold(entry));
    let told: Told = match (entry.event, &entry.fact) {
        (Event::UserCreated, _) => AccountCreatedData::new(account()?, by).into(),
        (Event::UserUpdated, Fact::Changed(fields)) => {
            AccountUpdatedData::new(account()?, fields.clone(), by).into()
        }
        (Event::UserErased, _) => AccountErasedData::new(account()?, by).into(),
        (Event::UserClosed, _) => AccountClosedData::new(account()?, by).into(),
        (Event::UserReopened, _) => AccountReopenedData::new(account()?, by).into(),
        (Event::UserEmailChanged, _) => EmailChangedData::new(account()?, by).into(),
        (Event::UserLockedDown, Fact::Contested(contested)) => {
            AccountLockedDownData::new(account()?, by, *contested).into()
        }
        (Event::PasswordChanged, Fact::PasswordSetBy(set_by)) => PasswordChangedData::new(account()?, *set_by).into(),
        (Event::TokenReuse, _) => match &entry.session_id {
            Some(session) => SessionReuseDetectedData::new(account()?, session.clone()).into(),
            None => return Err(untold(entry)),
        },
        // A person who signs in to the support page has no account.
        (Event::LoginSuccess, _) => match (&entry.account_id, &entry.session_id) {
            (Some(account), Some(session)) => SessionStartedData::new(account.clone(), session.clone()).into(),
            _ => return Ok(None),
        },
        // Both are caused by strangers, who may have named an unknown number (RQ-02).
        (Event::ResetRequested, _) => {
            let told = |account| PasswordResetRequestedData::new(account, by);
            return of_number(entry, entry.account_id.as_ref(), told).map(Some);
        }
        (Event::LoginFailMax, Fact::Throttled(attempt, account)) => {
            let told = |account| SignInThrottledData::new(account, *attempt);
            return of_number(entry, account.as_ref(), told).map(Some);
        }
        // The secret of a machine client belongs to no account.
        (Event::LoginFailMax, _) if entry.customer_number.is_none() => return Ok(None),
        (Event::MailDelivery, Fact::MailReported { .. }) => match of_mail(entry) {
            Some(told) => told,
            None => return Ok(None),
        },
        (
            Event::UserUpdated
            | Event::UserLockedDown
            | Event::PasswordChanged
            | Event::LoginFailMax
            | Event::MailDelivery,
            _,
        ) => return Err(untold(entry)),
        (
            // Told where `sessions` and `accounts` store it.
            Event::SessionEnded
            | Event::SessionExpired
            | Event::PasswordExpired
            // Steps of something whose outcome is told.
            | Event::ResetForOwner
            | Event::ResetProcessed
            | Event::ResetLookedAt
            | Event::ResetConsumed
            | Event::ResetWithdrawn
            | Event::EmailChangeRequested
            | Event::EmailChangeWithdrawn
            | Event::EmailDecided
            | Event::EmailConfirmed
            | Event::MailHandedOver
            | Event::MailDeferred
            | Event::MailGivenUp
            | Event::ExpiryReminded
            | Event::TokenReissued
            // Of interest to support and to operators alone.
            | Event::SupportDiagnosis
            | Event::CallerCodeAsked
            | Event::CallerCodeShown
            | Event::CallerCodeVerified
            | Event::CallerCodeRefused
            | Event::SuppressionLifted
            | Event::PasswordChangeFail
            | Event::LoginFail
            | Event::SessionRenamed
            | Event::ClientCreated
            | Event::ClientRevoked
            | Event::ClientSecretMade
            | Event::ClientSecretEnded
            | Event::ClientKeysChanged
            | Event::ClientTokenRevoked
            | Event::WebhookCreated
            | Event::WebhookChanged
            | Event::WebhookDeleted
            | Event::WebhookSecretMade
            | Event::WebhookActivated
            | Event::WebhookDisabled
            | Event::WebhookReplayed
            | Event::SensitiveRead
            | Event::AccountsImported
            | Event::TokenCreated
            | Event::NewEpoch
            | Event::SigningKeyMade
            | Event::UserUnlocked
            | Event::LimitExceeded
            | Event::MailBudgetExhausted
            | Event::TrailCut
            | Event::ProofOfWork,
            _,
        ) => return Ok(None),
    };
    NewEvent::of(&told, now).map(Some)
}

/// The event about a number that a stranger has named: a decoy where the number has no account.
fn of_number<T: Into<Told>>(
    entry: &Entry,
    account: Option<&AccountId>,
    told: impl FnOnce(AccountId) -> T,
) -> Result<NewEvent, StoreError> {
    let told = told(account.cloned().unwrap_or_else(AccountId::mint)).into();
    let mut event = NewEvent::of(&told, entry.occurred_at)?;
    event.decoy = account.is_none();
    Ok(event)
}

/// What is told of a mail to the owner of an account.
fn of_mail(entry: &Entry) -> Option<Told> {
    let Fact::MailReported { mail_id, mail, delivery, cause } = &entry.fact else { return None };
    let (account, mail_id, mail) = (entry.account_id.clone()?, mail_id.clone(), *mail);
    let bounced = |permanent| {
        let cause = cause.unwrap_or(BounceCause::Other);
        MailBouncedData::new(account.clone(), mail_id.clone(), mail, permanent, cause).into()
    };
    match delivery {
        DeliveryKind::BouncedSoft => Some(bounced(false)),
        DeliveryKind::BouncedHard => Some(bounced(true)),
        DeliveryKind::Delivered => Some(MailDeliveredData::new(account, mail_id, mail).into()),
        DeliveryKind::Deferred | DeliveryKind::Complained => None,
    }
}

/// An entry lacks what its event tells. The act is rolled back: its first test finds that.
fn untold(entry: &Entry) -> StoreError {
    StoreError::Unwritable(format!("an entry {} without what is told of it", entry.event).into())
}
