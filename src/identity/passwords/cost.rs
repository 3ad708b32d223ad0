//! What a password check costs, and the one place of every check (PW-13). `crypto` tells of the classes of cost.

use std::sync::Arc;

use crate::{
    app::App,
    crypto::{CostClass, CostCount, CostCounts, HashCaller, Work},
    identity::{refusal::IdentityError, transaction::Tx},
    store::{
        StoreError, Transaction,
        accounts::{Account, NewHash},
        imports, password_costs,
    },
    types::{CustomerNumber, HashScheme, Password},
};

/// Whether the password is that of the account. Every check of a password comes here, with or without an account: its
/// time depends on the number alone, and not on whether the hash was renewed, or is there at all.
pub(in crate::identity) async fn verify_password(
    app: &App,
    number: &CustomerNumber,
    account: Option<&Account>,
    password: &Password,
    caller: HashCaller,
) -> Result<bool, IdentityError> {
    let counts = cost_counts(app).await?;
    let class = class_of(app, &counts, number, account);
    let stored = account.and_then(|account| account.password_hash.as_deref());
    Ok(app.hasher.verify(password, stored, counts.due(&class), caller).await?)
}

/// A hash that takes the place of the account's: the account goes on costing what it costs now.
pub(in crate::identity) fn new_hash(
    tx: &mut Tx<'_>,
    account: &Account,
    password_hash: String,
) -> Result<NewHash, StoreError> {
    let app = tx.app.clone();
    let counts = counts_in(tx, &app)?;
    let lasting_cost = class_of(&app, &counts, &account.customer_number, Some(account)).text();
    Ok(NewHash { password_cost: app.hasher.cost_of(&password_hash), password_hash, lasting_cost })
}

/// What an account goes on costing that is made with a password: what its number has cost without account.
pub(in crate::identity) fn lasting_cost_of_new(
    tx: &mut Tx<'_>,
    number: &CustomerNumber,
) -> Result<Option<String>, StoreError> {
    let app = tx.app.clone();
    let counts = counts_in(tx, &app)?;
    Ok(class_of(&app, &counts, number, None).text())
}

fn class_of(app: &App, counts: &CostCounts, number: &CustomerNumber, account: Option<&Account>) -> CostClass {
    let hash =
        account.and_then(|account| Some((account.lasting_cost.as_deref(), account.password_hash.as_deref()?)));
    match hash {
        Some((lasting, hash)) => {
            CostClass::of_account(lasting, app.hasher.cost_of(hash).as_deref(), app.hasher.present())
        }
        None => counts.pick(app.keyring.dummy_cost_hash(number)),
    }
}

/// How many stored hashes have each cost. It is read for known and unknown numbers alike, so that the time it takes
/// tells nothing about the number.
async fn cost_counts(app: &App) -> Result<Arc<CostCounts>, IdentityError> {
    if let Some(counts) = app.cost_census.last() {
        return Ok(counts);
    }
    // The first sign-in of an instance may come before its first upkeep. Others wait for its counts.
    let _turn = app.turns.take("cost census").await;
    match app.cost_census.last() {
        Some(counts) => Ok(counts),
        None => count_now(app).await,
    }
}

fn counts_in(tx: &mut Transaction<'_>, app: &App) -> Result<Arc<CostCounts>, StoreError> {
    match app.cost_census.last() {
        Some(counts) => Ok(counts),
        None => Ok(Arc::new(summed_up(password_costs::count_by_cost(tx)?, app.hasher.present()))),
    }
}

fn summed_up(rows: Vec<password_costs::CostRow>, present: &Work) -> CostCounts {
    let counted = |row: password_costs::CostRow| CostCount {
        lasting: row.lasting_cost,
        stored: row.password_cost,
        accounts: row.accounts,
    };
    let rows: Vec<CostCount> = rows.into_iter().map(counted).collect();
    CostCounts::new(&rows, present)
}

async fn count_now(app: &App) -> Result<Arc<CostCounts>, IdentityError> {
    // What is imported while the rows are counted makes the counts old at once.
    let began = app.clock.now();
    let counts = summed_up(app.query(password_costs::count_by_cost).await?, app.hasher.present());
    for scheme in HashScheme::ALL {
        app.metrics.passwords.set_accounts_by_scheme(*scheme, counts.with_scheme(*scheme));
    }
    Ok(app.cost_census.set(counts, began))
}

/// Counts the hashes of each cost once the present counts are old, or rows were imported since. Every instance does so
/// for itself. Sign-ins go on with the old counts meanwhile: counting a million accounts takes seconds.
pub async fn count_costs(app: &App) -> Result<(), IdentityError> {
    let imported_at = app.query(imports::last_commit).await?;
    if app.cost_census.is_due(app.clock.now(), imported_at) {
        count_now(app).await?;
    }
    Ok(())
}
