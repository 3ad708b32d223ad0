//! Who signed in, from which devices, and who tried.

use diesel::prelude::*;

use super::exported::exported;
use crate::{
    store::{
        engine::{StoreError, Transaction},
        schema::{devices, failed_sign_ins, former_devices, refresh_tokens, sessions, sign_in_failures},
    },
    types::{AccountId, CustomerNumber, Moment, SessionId},
};

exported! {
    /// A session of the customer.
    ExportedSession from sessions {
        /// The id of the session.
        #[schema(example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")]
        id: String,
        /// The moment of the sign-in.
        created_at: Moment,
        /// The moment at which the session was last used.
        last_used_at: Moment,
        /// The program, as it named itself: text that has to be escaped.
        #[schema(example = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")]
        user_agent: Option<String>,
        /// The network of the sign-in, shortened.
        #[schema(example = "192.0.2.0/24")]
        source: Option<String>,
        /// The moment at which the session was ended.
        ended_at: Option<Moment>,
        /// The reason why the session was ended.
        #[schema(example = "closed")]
        ended_because: Option<String>,
        /// The id of the device that signed in.
        #[schema(example = "h5tjv4bcrm8ysz0a3nqk7d2xw6")]
        device_id: Option<String>,
    }
}

exported! {
    /// A refresh of a session. The tokens are not handed out.
    ExportedRefresh from refresh_tokens {
        /// The session that was refreshed.
        #[schema(example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")]
        session_id: String,
        /// The number of the token within its session.
        #[schema(example = 1)]
        generation: i32,
        /// The moment at which the token was made.
        created_at: Moment,
        /// The moment at which the token was used.
        used_at: Option<Moment>,
        /// The network from which the token was used.
        #[schema(example = "192.0.2.0/24")]
        used_from: Option<String>,
        /// The number of times that its answer was fetched again.
        #[schema(example = 0)]
        reissues: i32,
        /// The moment at which its answer was last fetched again.
        reissued_at: Option<Moment>,
        /// Whether its answer was fetched again from another network.
        #[schema(example = false)]
        reissued_elsewhere: bool,
    }
}

exported! {
    /// A device from which the customer has signed in.
    ExportedDevice from devices {
        /// The id of the device.
        #[schema(example = "h5tjv4bcrm8ysz0a3nqk7d2xw6")]
        id: String,
        /// The program, as it named itself: text that has to be escaped.
        #[schema(example = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")]
        user_agent: Option<String>,
        /// The network of the last sign-in, shortened.
        #[schema(example = "192.0.2.0/24")]
        source: Option<String>,
        /// The moment of the first sign-in.
        created_at: Moment,
        /// The moment of the last sign-in.
        last_used_at: Moment,
        /// The name that the customer gave: text that has to be escaped.
        #[schema(example = "Pult 1")]
        name: Option<String>,
        /// The moment at which the customer gave the name.
        named_at: Option<Moment>,
    }
}

exported! {
    /// A device that a reset or a change of the password has ended.
    ExportedFormerDevice from former_devices {
        /// The id of the device.
        #[schema(example = "h5tjv4bcrm8ysz0a3nqk7d2xw6")]
        id: String,
        /// The program, as it named itself: text that has to be escaped.
        #[schema(example = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")]
        user_agent: Option<String>,
        /// The name that the customer gave: text that has to be escaped.
        #[schema(example = "Pult 1")]
        name: Option<String>,
        /// The moment at which the customer gave the name.
        named_at: Option<Moment>,
        /// The moment at which the device was ended.
        ended_at: Moment,
    }
}

exported! {
    /// Failed sign-ins at the number within one hour and from one device.
    ExportedFailedSignIns from failed_sign_ins {
        /// The device that was presented; empty where none was known.
        #[schema(example = "device/h5tjv4bcrm8ysz0a3nqk7d2xw6")]
        presented: String,
        /// The number of sign-ins that failed.
        #[schema(example = 3)]
        failures: i32,
        /// The moment of the first failure.
        first_at: Moment,
        /// The moment of the last failure.
        last_at: Moment,
        /// The network of the last failure, shortened.
        #[schema(example = "192.0.2.0/24")]
        source: Option<String>,
        /// Whether the failures came from several networks.
        #[schema(example = false)]
        several_sources: bool,
    }
}

exported! {
    /// A count of failures, which makes the next attempts wait.
    ExportedFailureCount from sign_in_failures {
        /// The number, the device or the account that is counted.
        #[schema(example = "number/004217")]
        subject: String,
        /// The number of failures that were counted.
        #[schema(example = 3)]
        failures: i32,
        /// The moment of the last failure.
        last_failed_at: Moment,
    }
}

/// Lists the sessions of an account.
pub fn sessions(tx: &mut Transaction<'_>, id: &AccountId) -> Result<Vec<ExportedSession>, StoreError> {
    Ok(sessions::table
        .filter(sessions::account_id.eq(id))
        .order(sessions::created_at)
        .select(ExportedSession::as_select())
        .load(tx.connection)?)
}

/// Lists the refreshes of sessions.
pub fn refreshes(tx: &mut Transaction<'_>, sessions: &[SessionId]) -> Result<Vec<ExportedRefresh>, StoreError> {
    Ok(refresh_tokens::table
        .filter(refresh_tokens::session_id.eq_any(sessions))
        .order((refresh_tokens::session_id, refresh_tokens::generation))
        .select(ExportedRefresh::as_select())
        .load(tx.connection)?)
}

/// Lists the known devices of an account.
pub fn devices(tx: &mut Transaction<'_>, id: &AccountId) -> Result<Vec<ExportedDevice>, StoreError> {
    Ok(devices::table
        .filter(devices::account_id.eq(id))
        .order(devices::created_at)
        .select(ExportedDevice::as_select())
        .load(tx.connection)?)
}

/// Lists the former devices of an account.
pub fn former_devices(tx: &mut Transaction<'_>, id: &AccountId) -> Result<Vec<ExportedFormerDevice>, StoreError> {
    Ok(former_devices::table
        .filter(former_devices::account_id.eq(id))
        .order(former_devices::ended_at)
        .select(ExportedFormerDevice::as_select())
        .load(tx.connection)?)
}

/// Lists the failed sign-ins at a number.
pub fn failed_sign_ins(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
) -> Result<Vec<ExportedFailedSignIns>, StoreError> {
    Ok(failed_sign_ins::table
        .filter(failed_sign_ins::customer_number.eq(number))
        .order(failed_sign_ins::first_at)
        .select(ExportedFailedSignIns::as_select())
        .load(tx.connection)?)
}

/// Lists the counts of subjects.
pub fn failure_counts(
    tx: &mut Transaction<'_>,
    subjects: &[String],
) -> Result<Vec<ExportedFailureCount>, StoreError> {
    Ok(sign_in_failures::table
        .filter(sign_in_failures::subject.eq_any(subjects))
        .order(sign_in_failures::subject)
        .select(ExportedFailureCount::as_select())
        .load(tx.connection)?)
}
