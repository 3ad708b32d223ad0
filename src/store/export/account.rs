//! The account itself, and what administration and support did with it.

use diesel::prelude::*;

use super::exported::exported;
use crate::{
    store::{
        engine::{StoreError, Transaction},
        schema::{accounts, caller_codes, hashes_to_wrap, idempotency_keys, password_history},
    },
    types::{AccountId, CustomerNumber, Locale, Moment},
};

exported! {
    /// The account, with all that is kept about it but the hash of the password.
    ExportedAccount from accounts {
        /// The permanent and opaque id of the account.
        #[schema(example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
        id: String,
        /// The number that the customer signs in with.
        #[schema(value_type = CustomerNumber)]
        customer_number: String,
        /// The e-mail address on file.
        #[schema(example = "delavnica@example.si")]
        email: Option<String>,
        /// The language of mails to this customer.
        locale: Locale,
        /// The name under which administration knows the customer.
        #[schema(example = "Avtoservis Novak")]
        display_name: Option<String>,
        /// The algorithm and the cost of the hash of the password; null without a password.
        #[schema(example = "$argon2id$v=19$m=19456,t=2,p=1")]
        password_cost: Option<String>,
        /// What a wrong password costs besides, since an import brought the hash of another system; null where none did.
        #[schema(example = "$bcrypt$c=10")]
        lasting_cost: Option<String>,
        /// The moment at which the password was set.
        password_changed_at: Option<Moment>,
        /// The reason why the password must be changed before its time.
        #[schema(example = "administrative")]
        password_expired_because: Option<String>,
        /// The moment at which the password was made unusable.
        password_expired_at: Option<Moment>,
        /// The number of reminders that this password expires.
        #[schema(example = 0)]
        #[diesel(column_name = expiry_reminders)]
        expiry_notices: i32,
        /// The number of events that have ended every session.
        #[schema(example = 1)]
        session_epoch: i32,
        /// The moment of the last successful sign-in.
        last_sign_in_at: Option<Moment>,
        /// The moment at which the account was made.
        created_at: Moment,
        /// The moment at which access was closed.
        closed_at: Option<Moment>,
        /// The reason that was given for the closing.
        #[schema(example = "neplačani računi")]
        closed_reason: Option<String>,
        /// The actor who closed access.
        #[schema(example = "command line: ana")]
        closed_by: Option<String>,
        /// The moment of the last change of the address.
        email_changed_at: Option<Moment>,
        /// The moment at which the customer confirmed the address.
        email_confirmed_at: Option<Moment>,
        /// The moment until which no link goes to the address.
        email_cools_off_until: Option<Moment>,
        /// The moment since which support has to decide which address is the customer's.
        contested_since: Option<Moment>,
    }
}

exported! {
    /// A password before the present one. Its hash is not handed out.
    ExportedPassword from password_history {
        /// The moment at which another password took its place.
        replaced_at: Moment,
    }
}

exported! {
    /// A question of support who is calling. The code is stored nowhere.
    ExportedCallerCode from caller_codes {
        /// The machine client that asked.
        #[schema(example = "c7mxw2dq5hj3tkv6b4zrny8psa")]
        client_id: String,
        /// The way of the code: `page` or `mail`.
        #[schema(example = "page")]
        deliver_to: String,
        /// The limit that has swallowed the question.
        #[schema(example = "number")]
        swallowed_by: Option<String>,
        /// The number of codes that were tried.
        #[schema(example = 1)]
        tries: i32,
        /// The moment at which support asked.
        created_at: Moment,
        /// The moment until which the code could be checked.
        expires_at: Moment,
        /// The moment at which the customer first saw the code.
        shown_at: Option<Moment>,
        /// The moment at which the question ended before its time.
        ended_at: Option<Moment>,
        /// The reason why the question ended before its time.
        #[schema(example = "verified")]
        ended_because: Option<String>,
    }
}

exported! {
    /// A call of a machine client about this account, whose answer is kept for a day to be repeated.
    ExportedRepeatedCall from idempotency_keys {
        /// The moment of the call.
        created_at: Moment,
    }
}

exported! {
    /// A hash of another system that waits for more protection. The hash is not handed out.
    ExportedWaitingHash from hashes_to_wrap {
        /// The moment of the import.
        imported_at: Moment,
    }
}

/// Reads an account.
pub fn account(tx: &mut Transaction<'_>, id: &AccountId) -> Result<ExportedAccount, StoreError> {
    Ok(accounts::table.find(id).select(ExportedAccount::as_select()).first(tx.connection)?)
}

/// Lists the earlier passwords of an account, without their hashes.
pub fn earlier_passwords(tx: &mut Transaction<'_>, id: &AccountId) -> Result<Vec<ExportedPassword>, StoreError> {
    Ok(password_history::table
        .filter(password_history::account_id.eq(id))
        .order(password_history::replaced_at)
        .select(ExportedPassword::as_select())
        .load(tx.connection)?)
}

/// Lists the questions of support about a number.
pub fn caller_codes(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
) -> Result<Vec<ExportedCallerCode>, StoreError> {
    Ok(caller_codes::table
        .filter(caller_codes::customer_number.eq(number))
        .order(caller_codes::created_at)
        .select(ExportedCallerCode::as_select())
        .load(tx.connection)?)
}

/// Lists the calls whose kept answers are about an account.
pub fn repeated_calls(tx: &mut Transaction<'_>, id: &AccountId) -> Result<Vec<ExportedRepeatedCall>, StoreError> {
    Ok(idempotency_keys::table
        .filter(idempotency_keys::account_id.eq(id))
        .order(idempotency_keys::created_at)
        .select(ExportedRepeatedCall::as_select())
        .load(tx.connection)?)
}

/// Lists the hash of an account that waits for more protection.
pub fn waiting_hashes(tx: &mut Transaction<'_>, id: &AccountId) -> Result<Vec<ExportedWaitingHash>, StoreError> {
    Ok(hashes_to_wrap::table
        .filter(hashes_to_wrap::account_id.eq(id))
        .select(ExportedWaitingHash::as_select())
        .load(tx.connection)?)
}
