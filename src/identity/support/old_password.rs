//! Devices on which somebody goes on with the password before the last change (OW-09).

use crate::{
    identity::sessions::devices::REMEMBERED_AS_FORMER_FOR,
    store::{
        StoreError, Transaction,
        accounts::Account,
        failed_sign_ins::{self, presented_former_device},
        former_devices::{self, FormerDevice},
    },
    types::UtcTime,
};

/// The most devices that a diagnosis tells of: those with the last failures.
const MOST_TOLD: usize = 3;

/// Failed sign-ins with one former device since it was ended. No earlier hash is compared, so that nobody learns whether
/// a guess was the previous password.
pub(in crate::identity) struct OldPasswordUse {
    pub(in crate::identity) device: FormerDevice,
    pub(in crate::identity) failures: i32,
    pub(in crate::identity) last_at: UtcTime,
    /// The network of the last failure.
    pub(in crate::identity) source: Option<String>,
}

/// Finds the former devices of an account that were presented at failed sign-ins, the last one first.
pub(in crate::identity) fn find_old_password_uses(
    tx: &mut Transaction<'_>,
    account: &Account,
) -> Result<Vec<OldPasswordUse>, StoreError> {
    let since = tx.now - REMEMBERED_AS_FORMER_FOR;
    let mut devices = former_devices::list_of(tx, &account.id)?;
    devices.retain(|device| device.ended_at > since);
    let presented: Vec<String> = devices.iter().map(|device| presented_former_device(&device.id)).collect();
    let sums = failed_sign_ins::list_with(tx, &account.customer_number, &presented, since)?;
    let uses = devices.into_iter().filter_map(|device| {
        let presented = presented_former_device(&device.id);
        let mut own = sums.iter().filter(|sum| sum.presented == presented);
        let last = own.next()?;
        let failures = own.fold(last.failures, |failures, sum| failures.saturating_add(sum.failures));
        Some(OldPasswordUse { device, failures, last_at: last.last_at, source: last.source.clone() })
    });
    let mut uses: Vec<OldPasswordUse> = uses.collect();
    uses.sort_by_key(|used| std::cmp::Reverse(used.last_at));
    uses.truncate(MOST_TOLD);
    Ok(uses)
}
