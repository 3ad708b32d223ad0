//! Making accounts of rows.

use super::{age::Ages, check::CheckedRow, feed_address::feed_email_hash};
use crate::{
    app::App,
    identity::{abuse::failures::set_failures_before_all, accounts::erased_number::cool_off_all, transaction::Tx},
    store::{
        StoreError,
        audit_events::{Entry, Event},
        hashes_to_wrap::NewHashToWrap,
        imports::{self, ImportedAccount, ImportedRows},
    },
    types::{AccountId, CustomerNumber},
};

/// Makes an account of each row. No number may have one. Returns the ids in the order of the rows.
pub(super) fn create_accounts(
    tx: &mut Tx<'_>,
    rows: Vec<CheckedRow>,
    ages: Ages,
) -> Result<Vec<AccountId>, StoreError> {
    let app = tx.app.clone();
    let mut batch = ImportedRows::default();
    let mut made = Vec::with_capacity(rows.len());
    for row in rows {
        let account = account_of(tx, &app, row, ages, &mut batch);
        made.push((account.customer_number.clone(), account.id.clone()));
        batch.accounts.push(account);
    }
    imports::insert_rows(tx, &batch)?;
    // What came before is none of these accounts', even where a number had an account (DP-05).
    let (numbers, ids): (Vec<CustomerNumber>, Vec<AccountId>) = made.iter().cloned().unzip();
    imports::forget_before(tx, &numbers)?;
    set_failures_before_all(tx, &made)?;
    cool_off_all(tx, &made)?;
    Ok(ids)
}

fn account_of(tx: &Tx<'_>, app: &App, row: CheckedRow, ages: Ages, batch: &mut ImportedRows) -> ImportedAccount {
    let CheckedRow { number, email, locale, display_name, password, password_changed_at, is_closed, closed_reason } =
        row;
    let id = AccountId::mint();
    let entry = |event: Event| tx.entry(event).number(&number).account(Some(&id)).of_import().detail("import");
    batch.entries.push(entry(Event::UserCreated));
    if is_closed {
        let closed: Entry = entry(Event::UserClosed);
        batch.entries.push(closed);
    }
    if password.as_ref().is_some_and(|password| password.is_fast) {
        batch.to_wrap.push(NewHashToWrap { account_id: id.clone(), imported_at: tx.now });
    }
    let password_changed_at = password.as_ref().map(|_| ages.changed_at(app, &number, password_changed_at));
    let password_hash = password.map(|password| password.hash);
    ImportedAccount {
        feed_email_hash: email.as_ref().map(|email| feed_email_hash(&app.keyring, email)),
        email,
        locale: locale.unwrap_or_default(),
        password_cost: password_hash.as_deref().and_then(|hash| app.hasher.cost_of(hash)),
        password_hash,
        password_changed_at,
        created_at: tx.now,
        closed_at: is_closed.then_some(tx.now),
        closed_reason: closed_reason.map(|reason| reason.as_str().to_owned()),
        closed_by: is_closed.then(|| tx.context.actor.name()),
        display_name,
        customer_number: number,
        id,
    }
}
