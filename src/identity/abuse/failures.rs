//! Reading and forgetting the failures that are counted.

use chrono::TimeDelta;

use super::failure_limit::{FailureLimit, failures_left};
use crate::{
    store::{StoreError, Transaction, accounts::Account, devices, sign_in_failures},
    types::{AccountId, CustomerNumber},
};

/// Forgets the counts that belong to an account and to no single device, after a new password: that of its known devices
/// together, and that of refused new passwords.
pub(in crate::identity) fn forget_failures_of_account(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
) -> Result<(), StoreError> {
    for limit in [FailureLimit::of_all_devices(account_id), FailureLimit::of_new_passwords(account_id)] {
        sign_in_failures::lock(tx, &limit.subject)?;
        sign_in_failures::delete(tx, &limit.subject)?;
    }
    Ok(())
}

/// Forgets the failures at the number and at the known devices of the account. Returns whether there were any.
pub(in crate::identity) fn forget_all_failures(
    tx: &mut Transaction<'_>,
    account: &Account,
) -> Result<bool, StoreError> {
    // Attempts lock the counts in this order too, or two transactions could wait for each other.
    let mut limits = vec![FailureLimit::of_all_devices(&account.id)];
    limits.extend(devices::list_of(tx, &account.id)?.iter().map(|device| FailureLimit::of_device(&device.id)));
    limits.push(FailureLimit::of_strangers(&account.customer_number));
    limits.push(FailureLimit::of_new_passwords(&account.id));
    let mut had_failures = false;
    for FailureLimit { subject, .. } in &limits {
        had_failures |= sign_in_failures::lock(tx, subject)?.is_some();
        sign_in_failures::delete(tx, subject)?;
    }
    Ok(had_failures)
}

/// How many failures the owner should know of: strangers' at the number, and those of all known devices. None are
/// counted where limits are not enforced.
pub(in crate::identity) fn failures_at(
    tx: &mut Transaction<'_>,
    enforced: bool,
    account: &Account,
) -> Result<i32, StoreError> {
    if !enforced {
        return Ok(0);
    }
    let limits = [FailureLimit::of_strangers(&account.customer_number), FailureLimit::of_all_devices(&account.id)];
    let counted = sign_in_failures::list(tx, &limits.map(|limit| limit.subject))?;
    Ok(counted.iter().map(|counted| failures_left(counted, tx.now)).sum())
}

/// How long a stranger who tries the password of the number has to wait.
pub(in crate::identity) fn strangers_wait(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
) -> Result<TimeDelta, StoreError> {
    let limit = FailureLimit::of_strangers(number);
    let counted = sign_in_failures::list(tx, std::slice::from_ref(&limit.subject))?;
    Ok(limit.wait(counted.first(), tx.now))
}

/// How many failures of strangers count at the number now.
pub(in crate::identity) fn failures_of_strangers(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
) -> Result<i32, StoreError> {
    let counted = sign_in_failures::list(tx, &[FailureLimit::of_strangers(number).subject])?;
    Ok(counted.first().map_or(0, |counted| failures_left(counted, tx.now)))
}
