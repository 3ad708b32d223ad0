//! Doing again what has been done since the backup, by the use cases of administration.

use super::assess::{Assessment, ChangeKind, Verdict};
use crate::{
    app::App,
    identity::{
        accounts,
        address::{COOLING_OFF_AFTER_BOUNCES, cools_off_until},
        administration::{Change, with_locked_account},
        lock_down, passwords,
        refusal::IdentityError,
    },
    store::{self, audit_events::Event},
    types::{AccountId, Reason, RequestContext},
};

/// Repeats a change that is due, and says what has become of it. A change of the address cannot be repeated: no link goes
/// to the address of the backup for seven days, since its mailbox may be the one that was given up.
pub async fn repeat(
    app: &App,
    context: &RequestContext,
    assessment: &Assessment,
) -> Result<Verdict, IdentityError> {
    let Assessment { id, change, at, verdict, .. } = assessment;
    let account = || AccountId::from_text(id.clone());
    let text = format!("{} UTC; repeated after a restore", at.format("%Y-%m-%d %H:%M:%S"));
    let reason = Reason::parse(&text).ok();
    let changed = match (verdict, change) {
        (Verdict::ByHand, ChangeKind::Address) => {
            return cool_off(app, context, account()).await.map(|_| Verdict::ByHand);
        }
        (Verdict::Due, ChangeKind::Closed) => accounts::close(app, context, account(), reason).await?,
        (Verdict::Due, ChangeKind::Erased) => accounts::erase(app, context, account(), reason).await?,
        (Verdict::Due, ChangeKind::LockedDown) => {
            lock_down::by_administrator(app, context, account(), reason).await?
        }
        (Verdict::Due, ChangeKind::Contested) => lock_down::contested(app, context, account(), reason).await?,
        (Verdict::Due, ChangeKind::Password) => passwords::expire(app, context, account(), reason).await?,
        (
            Verdict::Due,
            ChangeKind::Made
            | ChangeKind::Updated
            | ChangeKind::Reopened
            | ChangeKind::Address
            | ChangeKind::Client,
        )
        | (Verdict::Repeated | Verdict::InPlace | Verdict::Superseded | Verdict::ByHand, _) => return Ok(*verdict),
    };
    Ok(match changed {
        Change::Changed => Verdict::Repeated,
        Change::Unchanged | Change::NoSuchAccount => Verdict::InPlace,
    })
}

async fn cool_off(app: &App, context: &RequestContext, account: AccountId) -> Result<Change, IdentityError> {
    with_locked_account(app, context, account, |tx, account| {
        if account.email.is_none() || cools_off_until(&tx.app.config, account, tx.now).is_some() {
            return Ok(Change::Unchanged);
        }
        let until = tx.now + COOLING_OFF_AFTER_BOUNCES;
        store::accounts::set_cools_off(tx, &account.id, until)?;
        let entry = tx.entry(Event::NewEpoch).about(account);
        entry.detail("no link to the address for seven days: it was changed since the backup").append(tx)?;
        Ok(Change::Changed)
    })
    .await
}
