//! The accounts of customers.

use diesel::{
    prelude::*,
    sql_types::{Nullable, Text},
};

use super::{
    engine::{StoreError, Transaction, update},
    events::{self, NewEvent},
    schema::accounts,
};
use crate::types::{
    AccountId, Actor, ActorName, CustomerNumber, DisplayName, EmailAddress, Locale, UtcTime, text_enum,
    told::{PasswordExpiredData, PasswordExpiryReason},
};

/// A row of the table.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Account {
    /// The opaque id, which never changes.
    pub id: AccountId,
    /// The number that the customer signs in with.
    pub customer_number: CustomerNumber,
    /// The address on file. Mail goes to no other (RQ-05).
    pub email: Option<EmailAddress>,
    /// The language of the customer's mails.
    pub locale: Locale,
    /// Argon2id in PHC string format, or the hash of another system; `None` until a password is set.
    pub password_hash: Option<String>,
    /// When the password was set.
    pub password_changed_at: Option<UtcTime>,
    /// Counts the events that end every session. A session of an earlier epoch has ended.
    pub session_epoch: i32,
    /// When the customer last signed in.
    pub last_sign_in_at: Option<UtcTime>,
    /// When the account was made.
    pub created_at: UtcTime,
    /// When access was closed; `None` while it is open.
    pub closed_at: Option<UtcTime>,
    /// Why access was closed. The customer never sees it.
    pub closed_reason: Option<String>,
    /// The name of the actor who closed access.
    pub closed_by: Option<ActorName>,
    /// Why the password must be changed before its time; `None` where it need not be.
    pub password_expired_because: Option<ExpiredBecause>,
    /// When the address on file was last changed.
    pub email_changed_at: Option<UtcTime>,
    /// When the owner last said that the address on file still holds.
    pub email_confirmed_at: Option<UtcTime>,
    /// Until when no reset link goes to the address on file, where that is longer than after other changes.
    pub email_cools_off_until: Option<UtcTime>,
    /// When the password was made unusable; `None` for one that an earlier version has expired.
    pub password_expired_at: Option<UtcTime>,
    /// Since when support has to decide which address is the owner's; `None` while nobody contests it (OW-06).
    pub contested_since: Option<UtcTime>,
    /// The name under which administration knows the customer.
    pub display_name: Option<DisplayName>,
    /// What a wrong password costs besides argon2, however the hash is stored by now (PW-13); `None` where the hash
    /// tells.
    pub lasting_cost: Option<String>,
    /// A keyed hash of the address in the last row of a feed.
    pub feed_email_hash: Option<String>,
}

text_enum! {
    /// Why a password must be changed before its time.
    pub enum ExpiredBecause {
        /// An administrator expired the password.
        Administrative = "administrative",
        /// The password was found among leaked passwords.
        Breached = "breached",
        /// The access was locked down, by its owner or for the owner.
        LockedDown = "locked-down",
    }
}

impl ExpiredBecause {
    /// The reason as other systems are told it.
    #[must_use]
    pub const fn told(self) -> PasswordExpiryReason {
        match self {
            Self::Administrative => PasswordExpiryReason::Administrative,
            Self::Breached => PasswordExpiryReason::Breached,
            Self::LockedDown => PasswordExpiryReason::LockedDown,
        }
    }
}

/// An account to be made.
#[derive(Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub struct NewAccount {
    /// An id that is not used yet.
    pub id: AccountId,
    /// A number that no other account has.
    pub customer_number: CustomerNumber,
    /// The address on file.
    pub email: Option<EmailAddress>,
    /// The language of the customer's mails.
    pub locale: Locale,
    /// Argon2id in PHC string format, or the hash of another system, if a password is given.
    pub password_hash: Option<String>,
    /// What the hash costs to verify.
    pub password_cost: Option<String>,
    /// What a wrong password costs besides argon2, where the hash does not tell (PW-13).
    pub lasting_cost: Option<String>,
    /// When the password was set, if one is given.
    pub password_changed_at: Option<UtcTime>,
    /// When the account is made.
    pub created_at: UtcTime,
    /// The name under which administration knows the customer.
    pub display_name: Option<DisplayName>,
}

/// Inserts an account. Fails with a unique violation where the number has an account already.
pub fn insert(tx: &mut Transaction<'_>, account: &NewAccount) -> Result<(), StoreError> {
    diesel::insert_into(accounts::table).values(account).execute(tx.connection)?;
    Ok(())
}

/// Finds the account of a number.
pub fn find_by_customer_number(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
) -> Result<Option<Account>, StoreError> {
    Ok(accounts::table
        .filter(accounts::customer_number.eq(number))
        .select(Account::as_select())
        .first(tx.connection)
        .optional()?)
}

define_sql_function! {
    /// The text in lower case, as the index of addresses has it.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

/// Lists the accounts with an address on file, in whatever spelling, the oldest first.
pub fn list_by_email(tx: &mut Transaction<'_>, email: &EmailAddress) -> Result<Vec<Account>, StoreError> {
    // The address may be stored with its domain in letters or in Punycode.
    let spellings =
        [email.canonical(), email.as_str().to_lowercase(), email.with_domain_in_letters().to_lowercase()];
    Ok(accounts::table
        .filter(accounts::email.is_not_null())
        .filter(lower(accounts::email).eq_any(spellings))
        .order((accounts::created_at, accounts::id))
        .select(Account::as_select())
        .load(tx.connection)?)
}

/// Finds an account by its id.
pub fn find(tx: &mut Transaction<'_>, id: &AccountId) -> Result<Option<Account>, StoreError> {
    Ok(accounts::table.find(id).select(Account::as_select()).first(tx.connection).optional()?)
}

/// Lists which of these accounts there are.
pub fn list_existing(tx: &mut Transaction<'_>, ids: &[AccountId]) -> Result<Vec<AccountId>, StoreError> {
    Ok(accounts::table.filter(accounts::id.eq_any(ids)).select(accounts::id).load(tx.connection)?)
}

/// Locks an account until the transaction ends and reads it. Every transaction that changes the password, the links or
/// the state of an account locks it first, so that they run one after the other.
pub fn lock(tx: &mut Transaction<'_>, id: &AccountId) -> Result<Option<Account>, StoreError> {
    // A write locks the row on PostgreSQL. On SQLite the transaction is the only writer already.
    update(accounts::table.find(id))
        .set(accounts::session_epoch.eq(accounts::session_epoch))
        .execute(tx.connection)?;
    find(tx, id)
}

/// A hash that takes the place of another.
#[derive(Clone)]
pub struct NewHash {
    /// The hash, as it is stored.
    pub password_hash: String,
    /// What it costs to verify.
    pub password_cost: Option<String>,
    /// What a wrong password goes on costing besides argon2 (PW-13).
    pub lasting_cost: Option<String>,
}

/// Stores a new hash and starts a new session epoch, which ends every earlier session (CH-04). The age of the password
/// starts again.
pub fn set_password(tx: &mut Transaction<'_>, id: &AccountId, new: &NewHash) -> Result<(), StoreError> {
    update(accounts::table.find(id))
        .set((
            accounts::password_hash.eq(&new.password_hash),
            accounts::password_cost.eq(&new.password_cost),
            accounts::lasting_cost.eq(&new.lasting_cost),
            accounts::password_changed_at.eq(tx.now),
            accounts::session_epoch.eq(accounts::session_epoch + 1),
            accounts::password_expired_because.eq(None::<ExpiredBecause>),
            accounts::password_expired_at.eq(None::<UtcTime>),
            accounts::expiry_reminders.eq(0),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Stores the time of a successful sign-in. Returns `false` and stores nothing where the password has changed or access
/// was closed since `seen` was read.
pub fn set_signed_in(tx: &mut Transaction<'_>, seen: &Account) -> Result<bool, StoreError> {
    let unchanged = accounts::table
        .filter(accounts::id.eq(&seen.id))
        .filter(accounts::session_epoch.eq(seen.session_epoch))
        .filter(accounts::closed_at.is_null());
    let rows = update(unchanged).set(accounts::last_sign_in_at.eq(tx.now)).execute(tx.connection)?;
    Ok(rows == 1)
}

/// Stores a hash of the same password under another cost, unless the password has changed since `seen` was read
/// (PW-11).
pub fn set_rehashed(tx: &mut Transaction<'_>, seen: &Account, new: &NewHash) -> Result<(), StoreError> {
    let unchanged =
        accounts::table.filter(accounts::id.eq(&seen.id)).filter(accounts::session_epoch.eq(seen.session_epoch));
    update(unchanged)
        .set((
            accounts::password_hash.eq(&new.password_hash),
            accounts::password_cost.eq(&new.password_cost),
            accounts::lasting_cost.eq(&new.lasting_cost),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Makes the password unusable for signing in and ends every session. Returns `false` where that was done before.
pub fn expire_password(
    tx: &mut Transaction<'_>,
    id: &AccountId,
    because: ExpiredBecause,
) -> Result<bool, StoreError> {
    let unexpired =
        accounts::table.filter(accounts::id.eq(id)).filter(accounts::password_expired_because.is_null());
    let rows = update(unexpired)
        .set((
            accounts::password_expired_because.eq(because),
            accounts::password_expired_at.eq(tx.now),
            accounts::session_epoch.eq(accounts::session_epoch + 1),
        ))
        .execute(tx.connection)?;
    if rows != 1 {
        return Ok(false);
    }
    tell_of_expiries(tx, std::slice::from_ref(id), because)?;
    Ok(true)
}

/// Tells that passwords have expired. Every place that stores it does so, since one entry of the audit trail may stand for
/// many accounts, or for more than the expiry.
pub(super) fn tell_of_expiries(
    tx: &mut Transaction<'_>,
    ids: &[AccountId],
    because: ExpiredBecause,
) -> Result<(), StoreError> {
    let told = ids.iter().map(|id| {
        let data = PasswordExpiredData::new(id.clone(), because.told());
        NewEvent::of(&data.into(), tx.now)
    });
    let told: Vec<NewEvent> = told.collect::<Result<_, _>>()?;
    events::insert(tx, &told)
}

/// Makes the password unusable for signing in, whatever has expired it before, and starts a new session epoch, which ends
/// every session, change token and change of the address (OW-06).
pub fn lock_down(tx: &mut Transaction<'_>, id: &AccountId) -> Result<(), StoreError> {
    update(accounts::table.find(id))
        .set((
            accounts::password_expired_because.eq(ExpiredBecause::LockedDown),
            accounts::password_expired_at.eq(tx.now),
            accounts::session_epoch.eq(accounts::session_epoch + 1),
        ))
        .execute(tx.connection)?;
    tell_of_expiries(tx, std::slice::from_ref(id), ExpiredBecause::LockedDown)
}

/// Stores that support has to decide which address is the owner's.
pub fn set_contested(tx: &mut Transaction<'_>, id: &AccountId) -> Result<(), StoreError> {
    let uncontested = accounts::table.filter(accounts::id.eq(id)).filter(accounts::contested_since.is_null());
    update(uncontested).set(accounts::contested_since.eq(tx.now)).execute(tx.connection)?;
    Ok(())
}

/// Stores that support has decided.
pub fn set_uncontested(tx: &mut Transaction<'_>, id: &AccountId) -> Result<(), StoreError> {
    update(accounts::table.find(id)).set(accounts::contested_since.eq(None::<UtcTime>)).execute(tx.connection)?;
    Ok(())
}

/// Stores another address on file, and the time of the change (AD-05). `cools_off_until` lengthens the time in which no
/// link goes there.
pub fn set_email(
    tx: &mut Transaction<'_>,
    id: &AccountId,
    email: &EmailAddress,
    cools_off_until: Option<UtcTime>,
) -> Result<(), StoreError> {
    update(accounts::table.find(id))
        .set((
            accounts::email.eq(email),
            accounts::email_changed_at.eq(tx.now),
            accounts::email_confirmed_at.eq(None::<UtcTime>),
            accounts::email_cools_off_until.eq(cools_off_until),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Stores until when no link goes to the address on file.
pub fn set_cools_off(tx: &mut Transaction<'_>, id: &AccountId, until: UtcTime) -> Result<(), StoreError> {
    update(accounts::table.find(id)).set(accounts::email_cools_off_until.eq(until)).execute(tx.connection)?;
    Ok(())
}

/// Lets no link go to the address on file before a time, where it cools off for less. The address was put on file at
/// `changed_at`; where another one was since, nothing changes.
pub fn lengthen_cooling_off(
    tx: &mut Transaction<'_>,
    id: &AccountId,
    changed_at: UtcTime,
    until: UtcTime,
) -> Result<(), StoreError> {
    let same = accounts::table.filter(accounts::id.eq(id)).filter(accounts::email_changed_at.eq(changed_at));
    let shorter =
        same.filter(accounts::email_cools_off_until.is_null().or(accounts::email_cools_off_until.lt(until)));
    update(shorter).set(accounts::email_cools_off_until.eq(until)).execute(tx.connection)?;
    Ok(())
}

/// Stores the language of mails.
pub fn set_locale(tx: &mut Transaction<'_>, id: &AccountId, locale: Locale) -> Result<(), StoreError> {
    update(accounts::table.find(id)).set(accounts::locale.eq(locale)).execute(tx.connection)?;
    Ok(())
}

/// Stores the name of the customer, or that there is none.
pub fn set_display_name(
    tx: &mut Transaction<'_>,
    id: &AccountId,
    name: Option<&DisplayName>,
) -> Result<(), StoreError> {
    update(accounts::table.find(id)).set(accounts::display_name.eq(name)).execute(tx.connection)?;
    Ok(())
}

/// Deletes an account to which no other row refers any more.
pub fn delete(tx: &mut Transaction<'_>, id: &AccountId) -> Result<(), StoreError> {
    diesel::delete(accounts::table.find(id)).execute(tx.connection)?;
    Ok(())
}

/// Stores that the owner says that the address on file still holds.
pub fn set_email_confirmed(tx: &mut Transaction<'_>, id: &AccountId) -> Result<(), StoreError> {
    update(accounts::table.find(id)).set(accounts::email_confirmed_at.eq(tx.now)).execute(tx.connection)?;
    Ok(())
}

/// Closes access and ends every session (LG-09). Returns `false` where access was closed before.
pub fn close(
    tx: &mut Transaction<'_>,
    id: &AccountId,
    reason: Option<&str>,
    actor: &Actor,
) -> Result<bool, StoreError> {
    let open = accounts::table.filter(accounts::id.eq(id)).filter(accounts::closed_at.is_null());
    let rows = update(open)
        .set((
            accounts::closed_at.eq(tx.now),
            accounts::closed_reason.eq(reason),
            accounts::closed_by.eq(actor.name()),
            accounts::session_epoch.eq(accounts::session_epoch + 1),
        ))
        .execute(tx.connection)?;
    Ok(rows == 1)
}

/// Opens access again. Returns `false` where access was open.
pub fn reopen(tx: &mut Transaction<'_>, id: &AccountId) -> Result<bool, StoreError> {
    let closed = accounts::table.filter(accounts::id.eq(id)).filter(accounts::closed_at.is_not_null());
    let rows = update(closed)
        .set((
            accounts::closed_at.eq(None::<UtcTime>),
            accounts::closed_reason.eq(None::<String>),
            accounts::closed_by.eq(None::<ActorName>),
        ))
        .execute(tx.connection)?;
    Ok(rows == 1)
}
