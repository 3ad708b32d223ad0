//! The rows of one call.

use std::collections::{HashMap, HashSet};

use tokio::task::spawn_blocking;

use super::{
    age::Ages,
    check::{CheckedRow, RowError, check},
    row::RawRow,
    write::create_accounts,
};
use crate::{
    app::App,
    identity::{
        field_error::{Field, FieldError},
        refusal::{IdentityError, Refusal},
        transaction::Tx,
    },
    store::{
        StoreError,
        audit_events::Event,
        imports::{self, Import},
    },
    types::{AccountId, CustomerNumber, Fault, ImportId, RequestContext, text_enum},
};

/// The most rows of one call.
pub const MOST_ROWS: usize = 10_000;

text_enum! {
    /// What became of a row of an import, or would.
    pub enum ImportStatus {
        /// The account was made; in a dry run it would be.
        Created = "created",
        /// The number has an account already, which stays as it is.
        Exists = "exists",
        /// The row is wrong, or wrong ones keep it out.
        Rejected = "rejected",
    }
}

/// How the rows of a call are imported.
#[derive(Debug, Clone, Copy)]
pub struct CallOptions {
    /// Whether nothing is written, and the answer says what would be.
    pub dry_run: bool,
    /// Whether a rejected row lets the others in.
    pub goes_on: bool,
}

/// What became of one row.
#[derive(Debug, Clone)]
pub struct ImportedRow {
    /// What became of it.
    pub status: ImportStatus,
    /// The account that was made, or that exists.
    pub id: Option<AccountId>,
    /// What is wrong with the row.
    pub errors: Vec<FieldError>,
}

/// What became of all rows.
#[derive(Debug, Clone)]
pub struct CallReport {
    /// Every row, in its order.
    pub rows: Vec<ImportedRow>,
    /// How many accounts were made, or would be.
    pub created: usize,
    /// How many rows are rejected.
    pub rejected: usize,
}

/// Imports the rows of a call in one transaction.
///
/// # Errors
/// [`Refusal::Invalid`] where there are no rows, or more than [`MOST_ROWS`]; [`Refusal::CustomerNumberTaken`] where an
/// account is made for one of the numbers at the same time.
pub async fn import_call(
    app: &App,
    context: &RequestContext,
    rows: Option<Vec<RawRow>>,
    options: CallOptions,
) -> Result<CallReport, IdentityError> {
    let rows = match rows {
        None => return Err(Refusal::Invalid(vec![FieldError::required(Field::Accounts)]).into()),
        Some(rows) if rows.len() > MOST_ROWS || rows.is_empty() => {
            return Err(Refusal::Invalid(vec![FieldError::too_many_rows()]).into());
        }
        Some(rows) => rows,
    };
    let (own, now) = (app.clone(), app.clock.now());
    // The hashes of ten thousand rows take a tenth of a second to read.
    let checked: Vec<Result<CheckedRow, Vec<RowError>>> =
        spawn_blocking(move || rows.into_iter().map(|row| check(row, own.hasher.present(), now)).collect())
            .await
            .map_err(|_| Fault::broken_invariant("checking the rows of an import"))?;
    let rows = refuse_duplicates(checked);
    if options.dry_run {
        let numbers = numbers_of(&rows);
        let existing = app.query(move |tx| imports::find_existing(tx, &numbers)).await?;
        return Ok(Sorted::new(rows, existing, options).into_report(Vec::new()));
    }
    app.transact(context, move |tx| match import_in(tx, rows, options) {
        // Somebody has made an account for one of the numbers meanwhile.
        Err(error) if error.is_unique_violation() => Err(Refusal::CustomerNumberTaken.into()),
        imported => Ok(imported?),
    })
    .await
}

type Checked = Result<CheckedRow, Vec<FieldError>>;

/// Refuses every row but the first with the same number.
fn refuse_duplicates(rows: Vec<Result<CheckedRow, Vec<RowError>>>) -> Vec<Checked> {
    let mut seen = HashSet::new();
    rows.into_iter()
        .map(|row| match row {
            Ok(row) if seen.insert(row.number.clone()) => Ok(row),
            Ok(_) => Err(vec![FieldError::duplicate_number()]),
            Err(errors) => Err(errors.into_iter().map(|error| error.error).collect()),
        })
        .collect()
}

fn numbers_of(rows: &[Checked]) -> Vec<CustomerNumber> {
    rows.iter().flatten().map(|row| row.number.clone()).collect()
}

fn import_in(tx: &mut Tx<'_>, rows: Vec<Checked>, options: CallOptions) -> Result<CallReport, StoreError> {
    let existing = imports::find_existing(tx, &numbers_of(&rows))?;
    let mut sorted = Sorted::new(rows, existing, options);
    let ages = Ages::new(&tx.app.clone(), tx.now, None);
    let ids = create_accounts(tx, std::mem::take(&mut sorted.to_make), ages)?;
    if !ids.is_empty() {
        note(tx, ids.len())?;
    }
    Ok(sorted.into_report(ids))
}

/// Notes the import in the trail, and for the instances, which count the costs of hashes again.
fn note(tx: &mut Tx<'_>, created: usize) -> Result<(), StoreError> {
    let import = Import {
        id: ImportId::mint(),
        source_hash: "call".to_owned(),
        actor: tx.context.actor.name(),
        started_at: tx.now,
        updated_at: tx.now,
        finished_at: Some(tx.now),
        rows_done: i64::try_from(created).unwrap_or(i64::MAX),
        created: i64::try_from(created).unwrap_or(i64::MAX),
        changed: 0,
        rejected: 0,
    };
    imports::insert(tx, &import)?;
    let entry = tx.entry(Event::AccountsImported).detail(&format!("{created} created"));
    entry.append(tx)
}

/// The rows of a call by what becomes of them.
struct Sorted {
    to_make: Vec<CheckedRow>,
    rows: Vec<ImportedRow>,
}

impl Sorted {
    fn new(rows: Vec<Checked>, existing: Vec<(CustomerNumber, AccountId)>, options: CallOptions) -> Self {
        let existing: HashMap<CustomerNumber, AccountId> = existing.into_iter().collect();
        let is_kept_out = !options.goes_on && rows.iter().any(Result::is_err);
        let mut to_make = Vec::new();
        let outcome = |status, id, errors| ImportedRow { status, id, errors };
        let rows = rows
            .into_iter()
            .map(|row| match row {
                Err(errors) => outcome(ImportStatus::Rejected, None, errors),
                Ok(row) => match existing.get(&row.number) {
                    Some(id) => outcome(ImportStatus::Exists, Some(id.clone()), Vec::new()),
                    None if is_kept_out => outcome(ImportStatus::Rejected, None, vec![FieldError::kept_out()]),
                    None => {
                        to_make.push(row);
                        outcome(ImportStatus::Created, None, Vec::new())
                    }
                },
            })
            .collect();
        Self { to_make, rows }
    }

    fn into_report(mut self, ids: Vec<AccountId>) -> CallReport {
        let made = self.rows.iter_mut().filter(|row| row.status == ImportStatus::Created);
        for (row, id) in made.zip(ids) {
            row.id = Some(id);
        }
        let count = |status| self.rows.iter().filter(|row| row.status == status).count();
        let (created, rejected) = (count(ImportStatus::Created), count(ImportStatus::Rejected));
        CallReport { rows: self.rows, created, rejected }
    }
}
