//! Imports, and the rows that they bring.

use diesel::{ExecuteCopyFromDsl as _, prelude::*};

use super::{
    accounts::Account,
    audit_events::Entry,
    engine::{Age, AnyConnection, OldRows, StoreError, Transaction, update},
    events::NewEvent,
    hashes_to_wrap::NewHashToWrap,
    schema::{accounts, audit_events, events, failed_sign_ins, hashes_to_wrap, imports, swallowed_requests},
    trail::event_of,
};
use crate::types::{AccountId, ActorName, CustomerNumber, DisplayName, EmailAddress, ImportId, Locale, UtcTime};

/// An import that has begun.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = imports, treat_none_as_default_value = false)]
pub struct Import {
    /// A random id.
    pub id: ImportId,
    /// A keyed hash of the file and of what decides how its rows are read.
    pub source_hash: String,
    /// Who imports.
    pub actor: ActorName,
    /// When it began.
    pub started_at: UtcTime,
    /// When rows were last committed.
    pub updated_at: UtcTime,
    /// When the last row was committed; `None` while rows are left.
    pub finished_at: Option<UtcTime>,
    /// The rows that were dealt with, from the beginning of the file.
    pub rows_done: i64,
    /// The accounts that were made.
    pub created: i64,
    /// The accounts that were changed.
    pub changed: i64,
    /// The rows that were rejected.
    pub rejected: i64,
}

/// Inserts an import.
pub fn insert(tx: &mut Transaction<'_>, import: &Import) -> Result<(), StoreError> {
    diesel::insert_into(imports::table).values(import).execute(tx.connection)?;
    Ok(())
}

/// Finds the newest import of a source that has rows left.
pub fn find_unfinished(tx: &mut Transaction<'_>, source_hash: &str) -> Result<Option<Import>, StoreError> {
    Ok(imports::table
        .filter(imports::source_hash.eq(source_hash))
        .filter(imports::finished_at.is_null())
        .order(imports::started_at.desc())
        .select(Import::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Stores how far an import has come, in the transaction that commits its rows. Returns `false` where another process
/// has brought it further since `rows_before`.
pub fn set_progress(tx: &mut Transaction<'_>, import: &Import, rows_before: i64) -> Result<bool, StoreError> {
    let unchanged = imports::table.filter(imports::id.eq(&import.id)).filter(imports::rows_done.eq(rows_before));
    let rows = update(unchanged)
        .set((
            imports::updated_at.eq(import.updated_at),
            imports::finished_at.eq(import.finished_at),
            imports::rows_done.eq(import.rows_done),
            imports::created.eq(import.created),
            imports::changed.eq(import.changed),
            imports::rejected.eq(import.rejected),
        ))
        .execute(tx.connection)?;
    Ok(rows == 1)
}

/// When an import last committed rows.
pub fn last_commit(tx: &mut Transaction<'_>) -> Result<Option<UtcTime>, StoreError> {
    let newest = imports::table.order(imports::updated_at.desc()).select(imports::updated_at);
    Ok(newest.first(tx.connection).optional()?)
}

/// Imports, by their last commit.
pub const IMPORTS: OldRows = OldRows { table: "imports", key: "id", age: Age::Time("updated_at"), condition: "" };

/// An account that an import makes.
#[derive(Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub struct ImportedAccount {
    /// An id that is not used yet.
    pub id: AccountId,
    /// A number that no other account has.
    pub customer_number: CustomerNumber,
    /// The address on file.
    pub email: Option<EmailAddress>,
    /// The language of the customer's mails.
    pub locale: Locale,
    /// The hash of the other system, if there is a password.
    pub password_hash: Option<String>,
    /// What the hash costs to verify.
    pub password_cost: Option<String>,
    /// When the password was set.
    pub password_changed_at: Option<UtcTime>,
    /// When the account is made.
    pub created_at: UtcTime,
    /// When access was closed; `None` where it is open.
    pub closed_at: Option<UtcTime>,
    /// Why access is closed.
    pub closed_reason: Option<String>,
    /// Who closed it.
    pub closed_by: Option<ActorName>,
    /// The name under which administration knows the customer.
    pub display_name: Option<DisplayName>,
    /// A keyed hash of the address that the row names.
    pub feed_email_hash: Option<String>,
}

/// What a batch of rows adds to the tables.
#[derive(Default)]
pub struct ImportedRows {
    /// The accounts.
    pub accounts: Vec<ImportedAccount>,
    /// Those with a fast hash.
    pub to_wrap: Vec<NewHashToWrap>,
    /// The entries of the audit trail.
    pub entries: Vec<Entry>,
}

/// Inserts a batch: by `COPY` on `PostgreSQL`, and by a prepared statement for each row on `SQLite`. A number that has
/// an account fails with a unique violation.
pub fn insert_rows(tx: &mut Transaction<'_>, rows: &ImportedRows) -> Result<(), StoreError> {
    let ImportedRows { accounts, to_wrap, entries } = rows;
    let told = entries.iter().map(event_of).collect::<Result<Vec<_>, _>>()?;
    let told: Vec<NewEvent> = told.into_iter().flatten().collect();
    match tx.connection {
        AnyConnection::Sqlite(connection) => {
            for account in accounts {
                diesel::insert_into(accounts::table).values(account).execute(connection)?;
            }
            for row in to_wrap {
                diesel::insert_into(hashes_to_wrap::table).values(row).execute(connection)?;
            }
            for entry in entries {
                diesel::insert_into(audit_events::table).values(entry).execute(connection)?;
            }
            for event in &told {
                diesel::insert_into(events::table).values(event).execute(connection)?;
            }
        }
        AnyConnection::Postgres(connection) => {
            diesel::copy_from(accounts::table).from_insertable(accounts).execute(connection)?;
            diesel::copy_from(hashes_to_wrap::table).from_insertable(to_wrap).execute(connection)?;
            diesel::copy_from(audit_events::table).from_insertable(entries).execute(connection)?;
            diesel::copy_from(events::table).from_insertable(&told).execute(connection)?;
        }
    }
    Ok(())
}

/// Forgets what was counted for the owners of numbers before these had accounts (DP-05).
pub fn forget_before(tx: &mut Transaction<'_>, numbers: &[CustomerNumber]) -> Result<(), StoreError> {
    let swallowed = swallowed_requests::table.filter(swallowed_requests::customer_number.eq_any(numbers));
    diesel::delete(swallowed).execute(tx.connection)?;
    let failed = failed_sign_ins::table.filter(failed_sign_ins::customer_number.eq_any(numbers));
    diesel::delete(failed).execute(tx.connection)?;
    Ok(())
}

/// Finds the accounts that some of the numbers have.
pub fn find_existing(
    tx: &mut Transaction<'_>,
    numbers: &[CustomerNumber],
) -> Result<Vec<(CustomerNumber, AccountId)>, StoreError> {
    Ok(accounts::table
        .filter(accounts::customer_number.eq_any(numbers))
        .select((accounts::customer_number, accounts::id))
        .load(tx.connection)?)
}

/// Reads the accounts that some of the numbers have.
pub fn list_accounts(tx: &mut Transaction<'_>, numbers: &[CustomerNumber]) -> Result<Vec<Account>, StoreError> {
    Ok(accounts::table
        .filter(accounts::customer_number.eq_any(numbers))
        .select(Account::as_select())
        .load(tx.connection)?)
}

/// What a feed says of an account, beside its address and whether it is closed.
pub struct FedProfile<'a> {
    /// The language of mails.
    pub locale: Locale,
    /// The name of the customer.
    pub display_name: Option<&'a DisplayName>,
    /// A keyed hash of the address in the row.
    pub email_hash: Option<&'a str>,
}

/// Stores what a feed says of an account that is locked.
pub fn set_profile(tx: &mut Transaction<'_>, id: &AccountId, profile: &FedProfile<'_>) -> Result<(), StoreError> {
    update(accounts::table.find(id))
        .set((
            accounts::locale.eq(profile.locale),
            accounts::display_name.eq(profile.display_name),
            accounts::feed_email_hash.eq(profile.email_hash),
        ))
        .execute(tx.connection)?;
    Ok(())
}
