//! What has to be done about each change, seen against what the database has.

use super::changes::{AccountChanges, Changes};
use crate::{
    app::App,
    store::{
        StoreError, Transaction,
        accounts::{self, Account, ExpiredBecause},
        audit_events::Event,
        audit_trail,
    },
    types::{AccountId, CustomerNumber, UtcTime, text_enum},
};

text_enum! {
    /// What has happened to an account, or to a machine client, since the backup.
    pub enum ChangeKind {
        /// The account was made.
        Made = "made",
        /// Language or name were changed.
        Updated = "updated",
        /// Access was closed.
        Closed = "closed",
        /// Access was opened again.
        Reopened = "reopened",
        /// The account was erased.
        Erased = "erased",
        /// The access was locked down.
        LockedDown = "locked_down",
        /// The access was locked down, and support decides whose the address is.
        Contested = "contested",
        /// The password was replaced, or made unusable.
        Password = "password",
        /// The address on file was changed.
        Address = "address",
        /// A machine client was revoked, or got other secrets or keys.
        Client = "client",
    }
}

text_enum! {
    /// What becomes of a change.
    pub enum Verdict {
        /// It has to be repeated.
        Due = "due",
        /// It was repeated now.
        Repeated = "repeated",
        /// The database is so already.
        InPlace = "in_place",
        /// Something that was done since the restore counts.
        Superseded = "superseded",
        /// Nobody but a person can repeat it.
        ByHand = "by_hand",
    }
}

/// A change, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The id of the account, or of the machine client.
    pub id: String,
    /// The customer number, where the database has the account.
    pub customer_number: Option<CustomerNumber>,
    /// What has happened.
    pub change: ChangeKind,
    /// When it happened.
    pub at: UtcTime,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// Assesses every change, account by account, in the order in which they are repeated. Nothing is written.
pub async fn assess(app: &App, changes: &Changes) -> Result<Vec<Assessment>, StoreError> {
    let mut all = Vec::new();
    for (id, of_account) in &changes.accounts {
        let (account_id, of_account) = (AccountId::from_text(id.clone()), of_account.clone());
        all.extend(app.query(move |tx| of_one_account(tx, &account_id, &of_account)).await?);
    }
    all.extend(changes.clients.iter().map(|(id, at)| Assessment {
        id: id.clone(),
        customer_number: None,
        change: ChangeKind::Client,
        at: *at,
        verdict: Verdict::ByHand,
    }));
    Ok(all)
}

fn of_one_account(
    tx: &mut Transaction<'_>,
    id: &AccountId,
    changes: &AccountChanges,
) -> Result<Vec<Assessment>, StoreError> {
    let account = accounts::find(tx, id)?;
    let customer_number = account.as_ref().map(|account| account.customer_number.clone());
    let verdicts = match &account {
        None => of_missing(changes),
        Some(account) => of_present(tx, account, changes)?,
    };
    let assessment = |(change, at, verdict)| {
        let customer_number = customer_number.clone();
        Assessment { id: id.as_str().to_owned(), customer_number, change, at, verdict }
    };
    Ok(verdicts.into_iter().map(assessment).collect())
}

type Assessed = (ChangeKind, UtcTime, Verdict);

/// The account was made since the backup, or is erased.
fn of_missing(changes: &AccountChanges) -> Vec<Assessed> {
    match (changes.erased, changes.made) {
        (Some(at), _) => vec![(ChangeKind::Erased, at, Verdict::InPlace)],
        (None, Some(at)) => vec![(ChangeKind::Made, at, Verdict::ByHand)],
        // It was erased since the restore.
        (None, None) => Vec::new(),
    }
}

fn of_present(
    tx: &mut Transaction<'_>,
    account: &Account,
    changes: &AccountChanges,
) -> Result<Vec<Assessed>, StoreError> {
    if let Some(at) = changes.erased {
        return Ok(vec![(ChangeKind::Erased, at, Verdict::Due)]);
    }
    let mut all = Vec::new();
    if let Some(at) = changes.address {
        let is_later = account.email_changed_at >= Some(at);
        all.push((ChangeKind::Address, at, if is_later { Verdict::Superseded } else { Verdict::ByHand }));
    }
    if let Some(at) = changes.locked_down {
        let change = if changes.contested { ChangeKind::Contested } else { ChangeKind::LockedDown };
        all.push((change, at, lock_down_verdict(account, change, at)));
    } else if let Some(at) = changes.password {
        all.push((ChangeKind::Password, at, password_verdict(account, at)));
    }
    if let Some(at) = changes.closed {
        let verdict = if account.closed_at.is_some() {
            Verdict::InPlace
        } else if audit_trail::has_happened_since(tx, &account.id, Event::UserReopened, at)? {
            Verdict::Superseded
        } else {
            Verdict::Due
        };
        all.push((ChangeKind::Closed, at, verdict));
    }
    if let Some(at) = changes.reopened {
        let verdict = if account.closed_at.is_some() { Verdict::ByHand } else { Verdict::InPlace };
        all.push((ChangeKind::Reopened, at, verdict));
    }
    if let Some(at) = changes.updated {
        all.push((ChangeKind::Updated, at, Verdict::ByHand));
    }
    Ok(all)
}

fn lock_down_verdict(account: &Account, change: ChangeKind, at: UtcTime) -> Verdict {
    let is_locked = account.password_expired_because == Some(ExpiredBecause::LockedDown);
    if account.password_changed_at >= Some(at) {
        Verdict::Superseded
    } else if is_locked && (change == ChangeKind::LockedDown || account.contested_since.is_some()) {
        Verdict::InPlace
    } else {
        Verdict::Due
    }
}

fn password_verdict(account: &Account, at: UtcTime) -> Verdict {
    if account.password_changed_at >= Some(at) {
        Verdict::Superseded
    } else if account.password_hash.is_none() || account.password_expired_because.is_some() {
        Verdict::InPlace
    } else {
        Verdict::Due
    }
}
