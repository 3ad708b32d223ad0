//! Forgetting what is known of addresses that nobody has any more. While an account has the address on file, its owner
//! does not get mail that does not arrive or is not wanted, however long ago that began.

use crate::{
    identity::transaction::Tx,
    store::{StoreError, accounts, suppressions},
    types::{EmailAddress, UtcTime},
};

/// Looks whether accounts have the addresses whose suppressions were last reviewed before a time, and deletes those of
/// the others. Returns how many suppressions were looked at.
pub(super) fn run_batch(tx: &mut Tx<'_>, until: UtcTime, most: i64) -> Result<usize, StoreError> {
    let addresses = suppressions::lock_reviewed(tx, until, most)?;
    for address in &addresses {
        let is_on_file = match EmailAddress::parse(address) {
            Ok(email) => !accounts::list_by_email(tx, &email)?.is_empty(),
            Err(_) => false,
        };
        if is_on_file {
            suppressions::set_reviewed(tx, address)?;
        } else {
            suppressions::delete_reviewed(tx, address, until)?;
        }
    }
    Ok(addresses.len())
}
