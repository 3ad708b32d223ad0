//! Batches of rows: reading and checking them, and bringing them to the tables.

use std::collections::{HashMap, HashSet};

use super::{
    age::Ages,
    check::{CheckedRow, RowError, check},
    options::{ImportOptions, WhatToDo},
    report::{ImportReport, Rejection, Watcher},
    row::{RawRow, ReadRow, SourceFailed},
    update::{Changes, change_account},
    write::create_accounts,
};
use crate::{
    app::App,
    identity::{field_error::FieldError, transaction::Tx},
    store::{
        StoreError, Transaction,
        accounts::Account,
        imports::{self, Import},
    },
    types::{CustomerNumber, UtcTime},
};

/// The rows of one batch. That of an update is smaller: it locks the accounts that it changes until its end.
const BATCH: usize = 4000;
const UPDATE_BATCH: usize = 500;

/// Rows of a file that may be imported, each with its line.
pub(super) type Batch = Vec<(u64, CheckedRow)>;

/// Reads the rows of a file and brings them to the tables, a batch at a time.
pub(super) struct Importer<Rows, W> {
    app: App,
    options: ImportOptions,
    rows: Rows,
    watcher: W,
    seen: SeenNumbers,
    ages: Ages,
    now: UtcTime,
    pub(super) report: ImportReport,
}

impl<Rows, W> Importer<Rows, W>
where
    Rows: Iterator<Item = Result<ReadRow, SourceFailed>>,
    W: Watcher,
{
    pub(super) fn new(app: &App, options: ImportOptions, rows: Rows, watcher: W) -> Self {
        let now = app.clock.now();
        let ages = Ages::new(app, now, options.spread);
        let (seen, report) = (SeenNumbers::default(), ImportReport::default());
        Self { app: app.clone(), options, rows, watcher, seen, ages, now, report }
    }

    /// Passes over the rows that an earlier run has dealt with.
    pub(super) fn skip(&mut self, import: &Import) -> Result<(), SourceFailed> {
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        for _ in 0..import.rows_done {
            let Some(row) = self.rows.next() else { break };
            let number = row?.fields.ok().and_then(|fields| fields.customer_number);
            if let Some(number) = number.and_then(|text| CustomerNumber::parse(&text).ok()) {
                self.seen.insert(&number);
            }
        }
        self.report.rows = count(import.rows_done);
        self.report.resumed = count(import.rows_done);
        self.report.created = count(import.created);
        self.report.changed = count(import.changed);
        self.report.rejected = count(import.rejected);
        Ok(())
    }

    /// Reads and checks the next rows; `None` behind the last one. Rejected rows are told and left out.
    pub(super) fn next_batch(&mut self) -> Result<Option<Batch>, SourceFailed> {
        let most = match self.options.what {
            WhatToDo::Create => BATCH,
            WhatToDo::Update => UPDATE_BATCH,
        };
        let mut batch = Vec::new();
        for read in 0..most {
            match self.rows.next() {
                Some(row) => batch.extend(self.take(row?)),
                None if read == 0 => return Ok(None),
                None => break,
            }
        }
        Ok(Some(batch))
    }

    fn take(&mut self, ReadRow { line, fields }: ReadRow) -> Option<(u64, CheckedRow)> {
        self.report.rows += 1;
        let mut fields = match fields {
            Ok(fields) => fields,
            Err(mistake) => {
                self.report.rejected += 1;
                self.watcher.rejected(&Rejection::of_mistake(line, mistake));
                return None;
            }
        };
        if self.options.what == WhatToDo::Update {
            // A feed has no say about passwords.
            fields = RawRow { password_hash: None, password_changed_at: None, ..fields };
        }
        let row = match check(fields, self.app.hasher.present(), self.now) {
            Ok(row) => row,
            Err(errors) => return self.reject(line, &errors),
        };
        if !self.seen.insert(&row.number) {
            self.report.duplicates += 1;
            return self.reject(line, &[FieldError::duplicate_number().into()]);
        }
        match &row.password {
            Some(password) => *self.report.schemes.entry(password.scheme).or_default() += 1,
            None => self.report.without_hash += 1,
        }
        if row.email.as_ref().is_some_and(|email| !email.can_receive_mail()) {
            self.report.unlikely_addresses += 1;
            self.watcher.unlikely_address(line);
        }
        Some((line, row))
    }

    fn reject(&mut self, line: u64, errors: &[RowError]) -> Option<(u64, CheckedRow)> {
        self.report.rejected += 1;
        for error in errors {
            self.watcher.rejected(&Rejection {
                line,
                field: Some(error.error.field),
                column: None,
                code: Some(error.error.code),
                sentence: error.sentence(),
            });
        }
        None
    }

    /// Brings a batch to the tables.
    pub(super) fn write(&mut self, tx: &mut Tx<'_>, batch: Batch) -> Result<(), StoreError> {
        match self.options.what {
            WhatToDo::Create => {
                let rows = self.without_existing(tx, batch)?;
                if !rows.is_empty() {
                    create_accounts(tx, rows, self.ages)?;
                }
            }
            WhatToDo::Update => {
                for (line, row, account) in self.with_accounts(tx, batch)? {
                    let changes = change_account(tx, &account, &row)?;
                    self.count_change(line, &changes);
                }
            }
        }
        Ok(())
    }

    /// Counts what a batch would bring to the tables.
    pub(super) fn look(&mut self, tx: &mut Transaction<'_>, batch: Batch) -> Result<(), StoreError> {
        match self.options.what {
            WhatToDo::Create => drop(self.without_existing(tx, batch)?),
            WhatToDo::Update => {
                for (line, row, account) in self.with_accounts(tx, batch)? {
                    let changes = Changes::between(&self.app, &account, &row);
                    self.count_change(line, &changes);
                }
            }
        }
        Ok(())
    }

    /// The rows whose numbers have no account. They are counted as made.
    fn without_existing(&mut self, tx: &mut Transaction<'_>, batch: Batch) -> Result<Vec<CheckedRow>, StoreError> {
        let existing = imports::find_existing(tx, &numbers_of(&batch))?;
        let existing: HashSet<CustomerNumber> = existing.into_iter().map(|(number, _)| number).collect();
        let mut rows = Vec::with_capacity(batch.len());
        for (line, row) in batch {
            if existing.contains(&row.number) {
                self.report.existing += 1;
                self.watcher.passed_over(line, "the number has an account already, which stays as it is");
            } else {
                self.report.created += 1;
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// The rows whose numbers have an account, each with it.
    fn with_accounts(
        &mut self,
        tx: &mut Transaction<'_>,
        batch: Batch,
    ) -> Result<Vec<(u64, CheckedRow, Account)>, StoreError> {
        let found = imports::list_accounts(tx, &numbers_of(&batch))?;
        let mut found: HashMap<CustomerNumber, Account> =
            found.into_iter().map(|account| (account.customer_number.clone(), account)).collect();
        let mut rows = Vec::with_capacity(batch.len());
        for (line, row) in batch {
            if let Some(account) = found.remove(&row.number) {
                rows.push((line, row, account));
            } else {
                self.report.missing += 1;
                self.watcher.passed_over(line, "the number has no account");
            }
        }
        // Every process locks accounts in one order.
        rows.sort_by(|(_, _, one), (_, _, other)| one.id.as_str().cmp(other.id.as_str()));
        Ok(rows)
    }

    fn count_change(&mut self, line: u64, changes: &Changes) {
        match changes.words() {
            Some(words) => {
                self.report.changed += 1;
                self.watcher.changed(line, &words);
            }
            None => self.report.unchanged += 1,
        }
    }

    /// Tells how far the import has come.
    pub(super) fn tell(&mut self) {
        self.watcher.progress(&self.report);
    }
}

fn numbers_of(batch: &Batch) -> Vec<CustomerNumber> {
    batch.iter().map(|(_, row)| row.number.clone()).collect()
}

/// The numbers that a file has named. There are a million, so each has its bit.
struct SeenNumbers(Vec<u64>);

const NUMBERS: usize = 1_000_000;

impl Default for SeenNumbers {
    fn default() -> Self {
        Self(vec![0; NUMBERS.div_ceil(64)])
    }
}

impl SeenNumbers {
    /// Notes a number; `false` where it was noted before.
    fn insert(&mut self, number: &CustomerNumber) -> bool {
        let place: usize = number.as_str().parse().unwrap_or(0);
        let Some(word) = self.0.get_mut(place / 64) else { return false };
        let bit = 1 << (place % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}
