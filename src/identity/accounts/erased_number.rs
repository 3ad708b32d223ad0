//! Customer numbers whose account was erased: who made the number again may not be who reads the mails of the address
//! (AD-05).

use std::collections::HashSet;

use chrono::TimeDelta;

use crate::{
    identity::{transaction::Tx, upkeep::ERASED_NUMBERS_KEPT_FOR},
    store::{StoreError, accounts, erased_numbers},
    types::{AccountId, CustomerNumber, UtcTime},
};

/// How long no link goes to the address of a number that is made again.
const COOLING_OFF: TimeDelta = TimeDelta::days(1);
/// The purpose of the keyed hash of a number.
const PURPOSE: &str = "erased number";

/// Stores that the account of a number is erased now. Nobody without the secret key reads the number from it.
pub(in crate::identity) fn set_erased(tx: &mut Tx<'_>, number: &CustomerNumber) -> Result<(), StoreError> {
    let key = tx.app.keyring.fingerprint(PURPOSE, number.as_str().as_bytes());
    erased_numbers::set(tx, &key)
}

/// Until when no link goes to the address of an account that is being made, since the account before it was erased
/// lately; `None` where a link may go there at once.
pub(in crate::identity) fn cools_off_until(
    tx: &mut Tx<'_>,
    number: &CustomerNumber,
) -> Result<Option<UtcTime>, StoreError> {
    let keys = tx.app.keyring.fingerprints(PURPOSE, number.as_str().as_bytes());
    let erased_at = erased_numbers::find(tx, &keys)?;
    let is_remembered = erased_at.is_some_and(|erased_at| erased_at + ERASED_NUMBERS_KEPT_FOR > tx.now);
    Ok(is_remembered.then_some(tx.now + COOLING_OFF))
}

/// Lets no link go for a day to the address of each account that was just made for a number whose account was erased
/// lately.
pub(in crate::identity) fn cool_off_all(
    tx: &mut Tx<'_>,
    made: &[(CustomerNumber, AccountId)],
) -> Result<(), StoreError> {
    let keyring = tx.app.keyring.clone();
    let keys_of = |number: &CustomerNumber| keyring.fingerprints(PURPOSE, number.as_str().as_bytes());
    let keys: Vec<String> = made.iter().flat_map(|(number, _)| keys_of(number)).collect();
    let now = tx.now;
    let erased = erased_numbers::list_since(tx, &keys, now - ERASED_NUMBERS_KEPT_FOR)?;
    if erased.is_empty() {
        return Ok(());
    }
    let erased: HashSet<String> = erased.into_iter().collect();
    for (number, id) in made {
        if keys_of(number).iter().any(|key| erased.contains(key)) {
            accounts::set_cools_off(tx, id, now + COOLING_OFF)?;
        }
    }
    Ok(())
}
