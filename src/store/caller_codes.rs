//! The questions of support for a caller code. The code is derived from the id of its question, so the table holds none.

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, lock_key, update},
    schema::caller_codes,
};
use crate::types::{AccountId, CallerCodeId, CallerCodeWay, ClientId, CustomerNumber, MailId, UtcTime, text_enum};

/// How many codes can be tried for one question.
const MOST_TRIES: i32 = 5;

text_enum! {
    /// Why a question ended before its time.
    pub enum CallerCodeEnd {
        /// The right code was checked.
        Verified = "verified",
        /// Support has asked again about the same number.
        Replaced = "replaced",
        /// The access was locked down, its address was changed, or an operator ended everything that was handed out.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// The limit that has swallowed a question.
    pub enum SwallowedBy {
        /// Too many questions about one number.
        Number = "number",
        /// Too many questions of one client.
        Client = "client",
    }
}

/// A row of the table.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = caller_codes)]
pub struct CallerQuestion {
    /// The id, from which the code is derived.
    pub id: CallerCodeId,
    /// The client that asks.
    pub client_id: ClientId,
    /// The number that the client asks about.
    pub customer_number: CustomerNumber,
    /// The account that the code goes to; `None` for a decoy.
    pub account_id: Option<AccountId>,
    /// The way by which the customer gets the code.
    pub deliver_to: CallerCodeWay,
    /// The secret key that the code is derived with.
    pub secret_key_id: String,
    /// When support asked.
    pub created_at: UtcTime,
    /// Until when the code can be checked.
    pub expires_at: UtcTime,
    /// When the customer first saw the code on the account page.
    pub shown_at: Option<UtcTime>,
}

/// A question to be stored.
#[derive(Insertable)]
#[diesel(table_name = caller_codes, treat_none_as_default_value = false)]
pub struct NewCallerQuestion {
    /// An id that is not used yet.
    pub id: CallerCodeId,
    /// The client that asks.
    pub client_id: ClientId,
    /// The number that the client asks about.
    pub customer_number: CustomerNumber,
    /// The account that the code goes to; `None` makes a decoy.
    pub account_id: Option<AccountId>,
    /// The way by which the customer gets the code.
    pub deliver_to: CallerCodeWay,
    /// The secret key that the code is derived with.
    pub secret_key_id: String,
    /// The mail that carries the code.
    pub mail_id: Option<MailId>,
    /// The limit that swallows the question.
    pub swallowed_by: Option<SwallowedBy>,
    /// When support asks.
    pub created_at: UtcTime,
    /// Until when the code can be checked.
    pub expires_at: UtcTime,
}

/// Locks the questions of a client, and then those about a number, until the transaction ends: nobody else
/// counts them meanwhile. Every transaction locks them in this order.
pub fn lock(tx: &mut Transaction<'_>, client: &ClientId, number: &CustomerNumber) -> Result<(), StoreError> {
    lock_key(tx, "caller_codes_of_client", client.as_str())?;
    lock_key(tx, "caller_codes_of_number", number.as_str())
}

/// Inserts a question.
pub fn insert(tx: &mut Transaction<'_>, question: &NewCallerQuestion) -> Result<(), StoreError> {
    diesel::insert_into(caller_codes::table).values(question).execute(tx.connection)?;
    Ok(())
}

/// Counts the questions about a number since a time that no limit has swallowed.
pub fn count_of_number(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    since: UtcTime,
) -> Result<i64, StoreError> {
    Ok(caller_codes::table
        .filter(caller_codes::customer_number.eq(number))
        .filter(caller_codes::created_at.gt(since))
        .filter(caller_codes::swallowed_by.is_null())
        .count()
        .get_result(tx.connection)?)
}

/// Counts the questions of a client since a time that its own limit has not swallowed.
pub fn count_of_client(tx: &mut Transaction<'_>, client: &ClientId, since: UtcTime) -> Result<i64, StoreError> {
    let is_counted = caller_codes::swallowed_by.is_null().or(caller_codes::swallowed_by.ne(SwallowedBy::Client));
    Ok(caller_codes::table
        .filter(caller_codes::client_id.eq(client))
        .filter(caller_codes::created_at.gt(since))
        .filter(is_counted)
        .count()
        .get_result(tx.connection)?)
}

/// Finds a question of a client. Another client's is found by none.
pub fn find_of_client(
    tx: &mut Transaction<'_>,
    id: &CallerCodeId,
    client: &ClientId,
) -> Result<Option<CallerQuestion>, StoreError> {
    Ok(caller_codes::table
        .find(id)
        .filter(caller_codes::client_id.eq(client))
        .select(CallerQuestion::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Finds the question whose code a mail carries.
pub fn find_by_mail(tx: &mut Transaction<'_>, mail_id: &MailId) -> Result<Option<CallerQuestion>, StoreError> {
    Ok(caller_codes::table
        .filter(caller_codes::mail_id.eq(mail_id))
        .filter(caller_codes::ended_at.is_null())
        .select(CallerQuestion::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Finds the question about an account whose code its page can show now.
pub fn find_for_page(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
) -> Result<Option<CallerQuestion>, StoreError> {
    Ok(caller_codes::table
        .filter(caller_codes::account_id.eq(account_id))
        .filter(caller_codes::deliver_to.eq(CallerCodeWay::Page))
        .filter(caller_codes::ended_at.is_null())
        .filter(caller_codes::tries.lt(MOST_TRIES))
        .filter(caller_codes::expires_at.gt(tx.now))
        .order((caller_codes::created_at.desc(), caller_codes::id))
        .select(CallerQuestion::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Stores that the customer has seen the code. Returns `false` where the customer had seen it before.
pub fn set_shown(tx: &mut Transaction<'_>, id: &CallerCodeId) -> Result<bool, StoreError> {
    let unseen = caller_codes::table.filter(caller_codes::id.eq(id)).filter(caller_codes::shown_at.is_null());
    Ok(update(unseen).set(caller_codes::shown_at.eq(tx.now)).execute(tx.connection)? == 1)
}

/// Takes one try from a question of a client. Returns `false` where it has ended, where its time is over, and where it has
/// no tries left: of any number of calls at once, five get `true`.
pub fn take_try(tx: &mut Transaction<'_>, id: &CallerCodeId, client: &ClientId) -> Result<bool, StoreError> {
    let live = caller_codes::table
        .filter(caller_codes::id.eq(id))
        .filter(caller_codes::client_id.eq(client))
        .filter(caller_codes::ended_at.is_null())
        .filter(caller_codes::expires_at.gt(tx.now))
        .filter(caller_codes::tries.lt(MOST_TRIES));
    Ok(update(live).set(caller_codes::tries.eq(caller_codes::tries + 1)).execute(tx.connection)? == 1)
}

/// Ends a question.
pub fn end(tx: &mut Transaction<'_>, id: &CallerCodeId, because: CallerCodeEnd) -> Result<(), StoreError> {
    let live = caller_codes::table.filter(caller_codes::id.eq(id)).filter(caller_codes::ended_at.is_null());
    update(live).set(ended(tx.now, because)).execute(tx.connection)?;
    Ok(())
}

/// Ends every question about a number.
pub fn replace_all_of(tx: &mut Transaction<'_>, number: &CustomerNumber) -> Result<(), StoreError> {
    let live = caller_codes::table
        .filter(caller_codes::customer_number.eq(number))
        .filter(caller_codes::ended_at.is_null());
    update(live).set(ended(tx.now, CallerCodeEnd::Replaced)).execute(tx.connection)?;
    Ok(())
}

/// Withdraws every question about an account.
pub fn withdraw_all_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<(), StoreError> {
    let live = caller_codes::table
        .filter(caller_codes::account_id.eq(account_id))
        .filter(caller_codes::ended_at.is_null());
    update(live).set(ended(tx.now, CallerCodeEnd::Withdrawn)).execute(tx.connection)?;
    Ok(())
}

/// Withdraws at most `most` questions whose code could still be checked, and returns how many.
pub fn withdraw_some(tx: &mut Transaction<'_>, most: i64) -> Result<usize, StoreError> {
    let ids: Vec<CallerCodeId> = caller_codes::table
        .filter(caller_codes::ended_at.is_null())
        .filter(caller_codes::expires_at.gt(tx.now))
        .limit(most)
        .select(caller_codes::id)
        .load(tx.connection)?;
    let withdrawn = ended(tx.now, CallerCodeEnd::Withdrawn);
    Ok(update(caller_codes::table.filter(caller_codes::id.eq_any(ids))).set(withdrawn).execute(tx.connection)?)
}

type Ended =
    (diesel::dsl::Eq<caller_codes::ended_at, UtcTime>, diesel::dsl::Eq<caller_codes::ended_because, CallerCodeEnd>);

fn ended(at: UtcTime, because: CallerCodeEnd) -> Ended {
    (caller_codes::ended_at.eq(at), caller_codes::ended_because.eq(because))
}

/// Questions, by the end of their time.
pub const ALL: OldRows = OldRows { table: "caller_codes", key: "id", age: Age::Time("expires_at"), condition: "" };
