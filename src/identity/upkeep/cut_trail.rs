//! Deleting entries of the audit trail after the time that the settings give them: whole sealed batches, the oldest first
//! (LO-06). An entry says up to which batch; it is sealed like every other, and the heads of the batches stay.

use crate::{
    identity::{periodic::Progress, transaction::Tx},
    store::{StoreError, audit_cut, audit_events::Event},
};

/// Gives up the batches that have served their time, or deletes some entries of those that were given up before.
pub(super) fn run_batch(tx: &mut Tx<'_>, most: i64) -> Result<Progress, StoreError> {
    if audit_cut::are_left(tx)? {
        audit_cut::delete(tx, most)?;
        return Ok(Progress::GoesOn);
    }
    let Some(kept_for) = tx.app.config.audit_keep else { return Ok(Progress::Over) };
    let until = tx.now - kept_for;
    let Some(old) = audit_cut::find_old(tx, until)? else { return Ok(Progress::Over) };
    let entry = tx.entry(Event::TrailCut).detail(&old.detail());
    entry.append(tx)?;
    audit_cut::give_up(tx, old, entry.id())?;
    Ok(Progress::GoesOn)
}
