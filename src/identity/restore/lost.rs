//! Which records of a file are of the time after the backup.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;

use super::record::{Happening, Mistake, Record, RecordId};
use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::{StoreError, accounts, audit_trail, events},
    types::{AccountId, AuditEventId, EventId},
};

/// How many ids one query asks about.
const AT_ONCE: usize = 500;
/// A transaction that a backup has not seen may have written before one that it has seen. It did not last longer.
const LONGEST_TRANSACTION: TimeDelta = TimeDelta::hours(1);
/// How far in the future a record may be: the clocks of two machines may differ.
const MOST_AHEAD: TimeDelta = TimeDelta::hours(1);

/// The records of the time after the backup.
#[derive(Debug)]
pub struct Lost {
    /// The records, in the order in which they happened.
    pub records: Vec<Record>,
    /// How many records the file has, without repetitions.
    pub told: usize,
}

/// Why a file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum LostError {
    /// Something in it cannot be believed.
    #[error(transparent)]
    Mistake(#[from] Mistake),
    /// The database could not be asked.
    #[error("the database could not be asked")]
    Failed(IdentityError),
}

impl From<StoreError> for LostError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Finds what the restored database does not know. It knows what was before the backup by its id, so that the order of the
/// file, pages that come twice and a second run change nothing.
///
/// # Errors
/// [`LostError::Mistake`] for a file of another installation, one that begins only after the backup, and one that
/// contradicts itself.
pub async fn find_lost(app: &App, records: Vec<Record>) -> Result<Lost, LostError> {
    let mut records = without_repetitions(records)?;
    let told = records.len();
    let now = app.clock.now();
    if let Some(ahead) = records.iter().find(|record| record.at > now + MOST_AHEAD) {
        return Err(Mistake::new(ahead.place, "this has not happened yet: its time is in the future").into());
    }
    let known = find_known(app, &records).await?;
    let is_known = |record: &Record| known.contains(record.id.as_str());
    match records.iter().filter(|record| is_known(record)).map(|record| record.at).min() {
        // What is older was forgotten, or belongs to a file that reaches far back.
        Some(first) => records.retain(|record| !is_known(record) && record.at >= first - LONGEST_TRANSACTION),
        None => check_reaches_back(app, &records).await?,
    }
    check_accounts(app, &records).await?;
    // The trail is shown with the newest entry first.
    if records.iter().all(|record| matches!(record.id, RecordId::Entry(_))) {
        records.reverse();
    }
    records.sort_by_key(|record| record.at);
    Ok(Lost { records, told })
}

/// Leaves each record once. A file of stored pages may have a record twice.
fn without_repetitions(records: Vec<Record>) -> Result<Vec<Record>, Mistake> {
    let mut seen: HashMap<String, Record> = HashMap::new();
    let mut once = Vec::new();
    for record in records {
        match seen.get(record.id.as_str()) {
            Some(first) if (Record { place: first.place, ..record.clone() }) == *first => {}
            Some(first) => {
                let sentence = format!("the id of {} stands here with something else", first.place);
                return Err(Mistake::new(record.place, sentence));
            }
            None => {
                seen.insert(record.id.as_str().to_owned(), record.clone());
                once.push(record);
            }
        }
    }
    Ok(once)
}

async fn find_known(app: &App, records: &[Record]) -> Result<HashSet<String>, StoreError> {
    let mut known = HashSet::new();
    for some in records.chunks(AT_ONCE) {
        let mut told: Vec<EventId> = Vec::new();
        let mut entered: Vec<AuditEventId> = Vec::new();
        for record in some {
            match &record.id {
                RecordId::Event(id) => told.push(id.clone()),
                RecordId::Entry(id) => entered.push(id.clone()),
            }
        }
        let (told, entered) = app
            .read(move |tx| Ok((events::list_known(tx, &told)?, audit_trail::list_known(tx, &entered)?)))
            .await?;
        known.extend(told.iter().map(|id| id.as_str().to_owned()));
        known.extend(entered.iter().map(|id| id.as_str().to_owned()));
    }
    Ok(known)
}

/// A file that has nothing in common with the database is of another one, or what happened right after the backup is
/// missing from it. Where nothing was told before the backup, there is nothing to compare.
async fn check_reaches_back(app: &App, records: &[Record]) -> Result<(), LostError> {
    let Some(first) = records.first() else { return Ok(()) };
    let newest = match first.id {
        RecordId::Event(_) => app.query(events::find_newest).await?.map(|(id, at)| (id.as_str().to_owned(), at)),
        RecordId::Entry(_) => {
            app.query(audit_trail::find_newest).await?.map(|(id, at)| (id.as_str().to_owned(), at))
        }
    };
    let Some((id, at)) = newest else { return Ok(()) };
    let sentence = format!(
        "neither this nor anything else in the file is known to the database. Either it is of another installation, or it \
         begins after the backup: it has to hold {id} of {} UTC, the newest that the database has",
        at.format("%Y-%m-%d %H:%M:%S"),
    );
    Err(Mistake::new(first.place, sentence).into())
}

/// Every account is in the database, was in it once, or is made by a record of the file.
async fn check_accounts(app: &App, records: &[Record]) -> Result<(), LostError> {
    let made: HashSet<&str> = of_accounts(records, |record| record.what == Happening::Made).collect();
    let ids: HashSet<&str> = of_accounts(records, |_| true).filter(|id| !made.contains(id)).collect();
    let ids: Vec<AccountId> = ids.into_iter().map(|id| AccountId::from_text(id.to_owned())).collect();
    let mut known = HashSet::new();
    for some in ids.chunks(AT_ONCE) {
        let some = some.to_vec();
        let found = app.read(move |tx| {
            let mut found = accounts::list_existing(tx, &some)?;
            found.extend(audit_trail::list_accounts(tx, &some)?);
            Ok(found)
        });
        known.extend(found.await?.iter().map(|id| id.as_str().to_owned()));
    }
    let is_unknown = |id: &AccountId| !made.contains(id.as_str()) && !known.contains(id.as_str());
    match records.iter().find(|record| record.account_id.as_ref().is_some_and(is_unknown)) {
        None => Ok(()),
        Some(record) => {
            let sentence = "the database has never had this account, and nothing in the file makes it: the file is of \
                            another installation, or its beginning is missing";
            Err(Mistake::new(record.place, sentence).into())
        }
    }
}

fn of_accounts(records: &[Record], which: impl Fn(&Record) -> bool) -> impl Iterator<Item = &str> {
    let chosen = records.iter().filter(move |record| which(record));
    chosen.filter_map(|record| record.account_id.as_ref()).map(AccountId::as_str)
}
