//! Reading and forgetting the failures that are counted.

use chrono::TimeDelta;

use super::failure_limit::{FailureLimit, failures_left};
use crate::{
    store::{
        StoreError, Transaction,
        accounts::Account,
        devices, failed_sign_ins, former_devices,
        sign_in_failures::{self, Failures},
    },
    types::{AccountId, CustomerNumber, UtcTime},
};

/// The subject under which the failures are kept that strangers had at a number before the account was made.
fn before_account(account_id: &AccountId) -> String {
    format!("before/{account_id}")
}

/// Keeps how many failures strangers have at the number of an account that is being made: the count of the number
/// goes on (LG-05), and what came before is none of this account's (DP-05). The sums that the owner reads begin again.
pub(in crate::identity) fn set_failures_before(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    account_id: &AccountId,
) -> Result<(), StoreError> {
    failed_sign_ins::delete_of(tx, number)?;
    let counted = sign_in_failures::list(tx, &[FailureLimit::of_strangers(number).subject])?;
    let failures = counted.first().map_or(0, |counted| failures_left(counted, tx.now));
    if failures == 0 {
        return Ok(());
    }
    let subject = before_account(account_id);
    sign_in_failures::insert(tx, &Failures { subject, failures, last_failed_at: tx.now, refusal_noted: false })
}

/// Does what [`set_failures_before`] does for the accounts that an import makes. The sums are forgotten by
/// `store::imports`.
pub(in crate::identity) fn set_failures_before_all(
    tx: &mut Transaction<'_>,
    made: &[(CustomerNumber, AccountId)],
) -> Result<(), StoreError> {
    let subjects: Vec<String> = made.iter().map(|(number, _)| FailureLimit::of_strangers(number).subject).collect();
    let counted = sign_in_failures::list(tx, &subjects)?;
    if counted.is_empty() {
        return Ok(());
    }
    for ((_, account_id), subject) in made.iter().zip(&subjects) {
        let failures = find(&counted, subject).map_or(0, |counted| failures_left(counted, tx.now));
        if failures > 0 {
            let subject = before_account(account_id);
            let before = Failures { subject, failures, last_failed_at: tx.now, refusal_noted: false };
            sign_in_failures::insert(tx, &before)?;
        }
    }
    Ok(())
}

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

/// Forgets the failures at the number and at the known and former devices of the account. Returns whether there were any.
pub(in crate::identity) fn forget_all_failures(
    tx: &mut Transaction<'_>,
    account: &Account,
) -> Result<bool, StoreError> {
    let mut limits = limits_of(tx, account)?;
    // Attempts lock the counts in this order too, or two transactions could wait for each other.
    limits.push(FailureLimit::of_strangers(&account.customer_number));
    limits.push(FailureLimit::of_new_passwords(&account.id));
    let mut had_failures = false;
    for FailureLimit { subject, .. } in &limits {
        had_failures |= sign_in_failures::lock(tx, subject)?.is_some();
        sign_in_failures::delete(tx, subject)?;
    }
    sign_in_failures::delete(tx, &before_account(&account.id))?;
    Ok(had_failures)
}

/// The counts at the known and former devices of the account, in the order in which attempts lock them.
fn limits_of(tx: &mut Transaction<'_>, account: &Account) -> Result<Vec<FailureLimit>, StoreError> {
    let mut limits = vec![FailureLimit::of_all_devices(&account.id)];
    limits.extend(devices::list_of(tx, &account.id)?.iter().map(|device| FailureLimit::of_device(&device.id)));
    limits.push(FailureLimit::of_all_former_devices(&account.id));
    let former = former_devices::list_of(tx, &account.id)?;
    limits.extend(former.iter().map(|device| FailureLimit::of_former_device(&device.id)));
    Ok(limits)
}

/// The subjects of every count that belongs to an account, its number's included.
pub(in crate::identity) fn subjects_of_account(
    tx: &mut Transaction<'_>,
    account: &Account,
) -> Result<Vec<String>, StoreError> {
    let mut limits = limits_of(tx, account)?;
    limits.push(FailureLimit::of_strangers(&account.customer_number));
    limits.push(FailureLimit::of_new_passwords(&account.id));
    let counted = limits.into_iter().map(|limit| limit.subject);
    Ok(counted.chain([before_account(&account.id)]).collect())
}

/// Forgets the counts of an account that is being erased. That of the number stays, as it belongs to what strangers
/// submit: it only decays, or an erasure would give them new attempts at the next owner (LG-05, DP-05).
pub(in crate::identity) fn forget_failures_of_erased(
    tx: &mut Transaction<'_>,
    account: &Account,
) -> Result<(), StoreError> {
    let mut limits = limits_of(tx, account)?;
    limits.push(FailureLimit::of_new_passwords(&account.id));
    let number = &account.customer_number;
    limits.extend([FailureLimit::decoy(number), FailureLimit::decoy_of_all(number)]);
    for FailureLimit { subject, .. } in &limits {
        sign_in_failures::lock(tx, subject)?;
        sign_in_failures::delete(tx, subject)?;
    }
    sign_in_failures::delete(tx, &before_account(&account.id))
}

/// How many failures the owner should know of: strangers' at the number since the account was made, and those of all
/// known devices. None are counted where limits are not enforced.
pub(in crate::identity) fn failures_at(
    tx: &mut Transaction<'_>,
    enforced: bool,
    account: &Account,
) -> Result<i32, StoreError> {
    if !enforced {
        return Ok(0);
    }
    let [at_number, before] = subjects_of_strangers(account);
    let devices = FailureLimit::of_all_devices(&account.id).subject;
    let counted = sign_in_failures::list(tx, &[at_number, before, devices.clone()])?;
    let of_devices = find(&counted, &devices).map_or(0, |counted| failures_left(counted, tx.now));
    Ok(strangers_since(account, &counted, tx.now) + of_devices)
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

/// How many failures of strangers at the number of an account count now, without those from before the account was
/// made.
pub(in crate::identity) fn failures_of_strangers_since(
    tx: &mut Transaction<'_>,
    account: &Account,
) -> Result<i32, StoreError> {
    let counted = sign_in_failures::list(tx, &subjects_of_strangers(account))?;
    Ok(strangers_since(account, &counted, tx.now))
}

/// The subjects of the failures that [`strangers_since`] compares.
fn subjects_of_strangers(account: &Account) -> [String; 2] {
    [FailureLimit::of_strangers(&account.customer_number).subject, before_account(&account.id)]
}

/// The failures of strangers since the account was made. Those from before are forgotten first, as long as the count
/// of the number rests; no failure from before is ever taken for a later one.
fn strangers_since(account: &Account, counted: &[Failures], now: UtcTime) -> i32 {
    let [at_number, before] = subjects_of_strangers(account);
    let Some(at_number) = find(counted, &at_number) else { return 0 };
    let Some(before) = find(counted, &before) else { return failures_left(at_number, now) };
    if at_number.last_failed_at < before.last_failed_at {
        return 0;
    }
    let before = Failures { last_failed_at: at_number.last_failed_at, ..before.clone() };
    (failures_left(at_number, now) - failures_left(&before, now)).max(0)
}

fn find<'a>(counted: &'a [Failures], subject: &str) -> Option<&'a Failures> {
    counted.iter().find(|counted| counted.subject == subject)
}
