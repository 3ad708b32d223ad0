//! The pause between two reset mails to one address, which several numbers may share (RL-08). The pause delays a
//! mail and never drops it.

use chrono::TimeDelta;

use crate::{
    identity::transaction::Tx,
    store::{StoreError, mails::Mail, reset_mails},
    types::UtcTime,
};

/// How much closer to each other than one cool-down two mails may be, since the worker serves requests after a random
/// delay.
pub(in crate::identity) const SLACK: TimeDelta = TimeDelta::seconds(5);

/// When the address of a reset mail may get it; `None` where it may get it now, or where no limit holds for the
/// mails of a number. The address is locked until the transaction ends. A decoy takes the same statements.
pub(in crate::identity) fn find_wait(tx: &mut Tx<'_>, mail: &Mail) -> Result<Option<UtcTime>, StoreError> {
    if tx.app.config.limits.reset_mails.iter().all(Option::is_none) {
        return Ok(None);
    }
    let name = match &mail.recipient {
        Some(recipient) => recipient.canonical(),
        None => format!("decoy/{}", mail.id),
    };
    reset_mails::lock_recipient(tx, &name)?;
    let last_sent_at = reset_mails::last_sent_to(tx, mail.recipient.as_ref(), &mail.id)?;
    let cooldown = tx.app.config.reset_cooldown;
    Ok(last_sent_at.map(|sent_at| sent_at + cooldown).filter(|free_from| *free_from - SLACK > tx.now))
}
