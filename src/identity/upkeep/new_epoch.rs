//! The end of everything that was handed out: sessions, reset links, devices, change tokens and signing keys. An operator
//! asks for it after a backup was restored, after a key has leaked, or to have every password replaced (DP-07).

use crate::{
    app::{App, signing_keys as keys},
    identity::refusal::IdentityError,
    store::{
        StoreError, Transaction,
        audit_events::Event,
        caller_codes,
        epoch::{self, AccountBatch, Passwords},
        signing_keys, support_sessions,
    },
    types::{RequestContext, random_below},
};

/// The most rows that one transaction changes. The service may be running.
const BATCH: i64 = 500;
/// The greatest step of the accounts' epochs.
const LONGEST_STEP: u64 = 1_000_000;

/// What a new epoch has ended.
#[derive(Debug, Default)]
pub struct NewEpoch {
    /// The sessions that went on, those of the support page included.
    pub sessions: usize,
    /// The reset links that could have been used, or waited for their mail, the lock-down links in notices, and the
    /// caller codes. A change of
    /// an address that waits for its confirmation ends with the epoch of its account.
    pub links: usize,
    /// The devices that were known.
    pub devices: usize,
    /// The accounts, whose change tokens have all ended.
    pub accounts: usize,
    /// The passwords that must now be replaced through the reset mail.
    pub passwords: usize,
    /// The id of the key that signs from now on. Every earlier key is deleted.
    pub kid: String,
}

/// Ends everything, in batches. After an interruption a second call ends the rest.
pub async fn begin_new_epoch(
    app: &App,
    context: &RequestContext,
    passwords: Passwords,
) -> Result<NewEpoch, IdentityError> {
    let mut ended = NewEpoch { kid: replace_signing_keys(app, context).await?, ..NewEpoch::default() };
    advance_all_accounts(app, passwords, &mut ended).await?;
    ended.sessions = in_batches(app, epoch::end_sessions).await?;
    ended.sessions += in_batches(app, support_sessions::delete_some).await?;
    ended.links = in_batches(app, epoch::withdraw_links).await?;
    ended.links += in_batches(app, epoch::withdraw_lock_down_links).await?;
    ended.links += in_batches(app, caller_codes::withdraw_some).await?;
    ended.devices = in_batches(app, epoch::forget_devices).await?;
    let NewEpoch { sessions, links, devices, accounts, passwords, .. } = &ended;
    let detail = format!(
        "{sessions} sessions, {links} links, {devices} devices, {accounts} accounts, {passwords} passwords expired"
    );
    app.transact(context, move |tx| Ok(tx.entry(Event::NewEpoch).detail(&detail).append(tx)?)).await?;
    Ok(ended)
}

async fn in_batches(
    app: &App,
    end: fn(&mut Transaction<'_>, i64) -> Result<usize, StoreError>,
) -> Result<usize, StoreError> {
    let mut count = 0;
    loop {
        let ended = app.database.write(move |tx| end(tx, BATCH)).await?;
        if ended == 0 {
            return Ok(count);
        }
        count += ended;
    }
}

async fn advance_all_accounts(app: &App, passwords: Passwords, ended: &mut NewEpoch) -> Result<(), StoreError> {
    let step = i32::try_from(1 + random_below(LONGEST_STEP)).unwrap_or(1);
    let mut last = None;
    loop {
        let after = last.clone();
        let advance =
            move |tx: &mut Transaction<'_>| epoch::advance_accounts(tx, after.as_ref(), step, passwords, BATCH);
        let Some(AccountBatch { last: newest, accounts, passwords }) = app.database.write(advance).await? else {
            return Ok(());
        };
        last = Some(newest);
        ended.accounts += accounts;
        ended.passwords += passwords;
    }
}

/// Makes a key that signs at once, and deletes all others: tokens that they have signed are refused from then on.
async fn replace_signing_keys(app: &App, context: &RequestContext) -> Result<String, IdentityError> {
    let made = keys::make(&app.keyring, app.config.jwt_algorithm).await?;
    let actor = context.actor.clone();
    let kid = app
        .database
        .write(move |tx| -> Result<_, StoreError> {
            let newest = signing_keys::list(tx)?.into_iter().map(|row| row.generation).max().unwrap_or(0);
            let row = keys::insert_only(tx, made, newest + 1, &actor)?;
            signing_keys::delete_up_to(tx, newest)?;
            Ok(row.id)
        })
        .await?;
    Ok(kid)
}
