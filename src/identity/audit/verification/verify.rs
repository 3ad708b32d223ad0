//! The verification as a whole.

use chrono::TimeDelta;

use super::{chain::Chain, entries::Entries, report::Report, unsealed::WaitingIds};
use crate::{
    app::App,
    crypto::Keyring,
    identity::{
        audit::head::{LeftHead, SignedHead},
        refusal::IdentityError,
    },
    store::{
        StoreError, Transaction,
        audit_check::{self, Cut},
        audit_cut::OldBatches,
        audit_events::Event,
        audit_seals::Batch,
    },
};

/// How many batches are read at once.
const PAGE: i64 = 200;
/// The shortest time for which the settings can keep the trail. A batch that was given up sooner was removed.
const KEPT_FOR_AT_LEAST: TimeDelta = TimeDelta::days(180);

/// Verifies the trail, also against heads that have left this service. It changes nothing. What it needs of memory does not
/// depend on the length of the trail.
pub async fn verify(app: &App, heads: Vec<LeftHead>) -> Result<Report, IdentityError> {
    let keyring = app.keyring.clone();
    Ok(app.database.read_long(move |tx| -> Result<_, StoreError> { run(tx, &keyring, &heads) }).await?)
}

fn run(tx: &mut Transaction<'_>, keyring: &Keyring, heads: &[LeftHead]) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let waiting = WaitingIds::read(tx, &mut report)?;
    let given_up = audit_check::find_cut(tx)?.filter(|cut| is_backed(cut, &waiting)).map(|cut| cut.batch);
    report.deleted_up_to = given_up.as_ref().map(|batch| batch.last_position);
    let mut entries = Entries::behind(report.deleted_up_to.unwrap_or(0), &waiting.ids);
    let mut chain = Chain::new(keyring, heads);
    loop {
        let page = audit_check::batches(tx, chain.last().map_or(0, |last| last.number), PAGE)?;
        if page.is_empty() {
            break;
        }
        for batch in &page {
            chain.follow(batch, &mut report);
            if given_up.as_ref().is_none_or(|given_up| batch.number > given_up.number) {
                entries.check(tx, batch, &mut report)?;
            }
        }
    }
    chain.finish(&mut report);
    report.head = chain.last().map(SignedHead::of);
    entries.finish(tx, &mut report)?;
    waiting.check(tx, &mut report)?;
    Ok(report)
}

/// Whether the entries up to a batch were deleted after their time: an entry says so, and is sealed or waits for its seal.
fn is_backed(cut: &Cut, waiting: &WaitingIds) -> bool {
    let Cut { batch: Batch { number, last_position, sealed_at, .. }, entry: Some(entry), is_sealed } = cut else {
        return false;
    };
    let told = OldBatches { last_number: *number, last_position: *last_position }.detail();
    entry.event == Event::TrailCut.as_str()
        && entry.detail.as_ref() == Some(&told)
        && entry.occurred_at >= *sealed_at + KEPT_FOR_AT_LEAST
        && (*is_sealed || waiting.ids.contains(&entry.id))
}
