//! Sealing entries after their transactions, in a step of its own that nobody waits for.

use chrono::SubsecRound as _;
use data_encoding::HEXLOWER;

use super::form::{erasable, of_batch, placed, statement};
use crate::{
    app::App,
    crypto::{Keyring, erased_list_hash, is_signed_head},
    identity::refusal::IdentityError,
    metrics::Alarm,
    store::audit_seals::{self, Batch, PreparedBatch, Seal, Stored, ToSeal, Waiting},
    types::{Actor, RequestContext, UtcTime, random_bytes},
};

/// The most entries of a batch.
pub(super) const MOST: i64 = 500;
/// The bytes of a salt.
const SALT: usize = 16;

/// What one step has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealing {
    /// No entry waits.
    NothingWaits,
    /// This many entries were sealed.
    Sealed(usize),
    /// Another instance was faster. Entries may still wait.
    Overtaken,
}

/// Seals the oldest committed entries that wait, as one batch. Entries are read and hashed outside the transaction that
/// stores their seals, which stores nothing if another instance has sealed in between. Several instances may do it at a
/// time: the numbers of batches have no gaps, and each entry is in one.
pub async fn seal_batch(app: &App) -> Result<Sealing, IdentityError> {
    // A look takes no place of SQLite's one writer.
    if !app.query(audit_seals::are_waiting).await? {
        return Ok(Sealing::NothingWaits);
    }
    let mut after = 0;
    let to_seal = loop {
        let read = app.read(move |tx| audit_seals::read_waiting(tx, after, MOST)).await?;
        match read.looked_at {
            Some(seq) if read.entries.is_empty() => after = seq,
            _ => break read,
        }
    };
    if to_seal.entries.is_empty() {
        return Ok(Sealing::NothingWaits);
    }
    let prepared = prepare(app, to_seal);
    let count = prepared.seals.len();
    let context = RequestContext::of(Actor::Service);
    match app.transact(&context, move |tx| Ok(audit_seals::store(tx, &prepared)?)).await? {
        Stored::Sealed => Ok(Sealing::Sealed(count)),
        Stored::Overtaken => Ok(Sealing::Overtaken),
    }
}

/// Seals until no entry waits, and returns how many this instance has sealed.
pub async fn seal_all(app: &App) -> Result<usize, IdentityError> {
    let mut count = 0;
    loop {
        match seal_batch(app).await? {
            Sealing::NothingWaits => return Ok(count),
            Sealing::Sealed(sealed) => count += sealed,
            Sealing::Overtaken => {}
        }
    }
}

fn prepare(app: &App, to_seal: ToSeal) -> PreparedBatch {
    let ToSeal { entries, emptied, last, .. } = to_seal;
    let first_position = last.as_ref().map_or(0, |last| last.last_position) + 1;
    let (seqs, seals): (Vec<i64>, Vec<Seal>) = (first_position..)
        .zip(&entries)
        .map(|(position, waiting)| (waiting.seq, seal_at(position, waiting)))
        .unzip();
    let batch = batch_of(&app.keyring, last.as_ref(), &seals, app.clock.now());
    if last.is_some() && batch.previous_key_id.is_none() {
        app.metrics.alarms.raise(Alarm::Trail);
        tracing::error!(
            alarm = true,
            batch = batch.number,
            "the head of the batch before is not signed by this service"
        );
    }
    PreparedBatch { batch, seals, seqs, emptied }
}

fn seal_at(position: i64, waiting: &Waiting) -> Seal {
    let Waiting { row, erased, .. } = waiting;
    let salt = HEXLOWER.encode(&random_bytes::<SALT>());
    let commitment = erasable(row).commitment(&salt);
    let erased_list = erased_list_hash(erased.clone());
    let row_hash = placed(row, position, &commitment, erased_list.as_deref()).hash();
    Seal { position, event_id: row.id.clone(), salt: Some(salt), commitment, row_hash }
}

/// The batch of these seals, behind the last one. It says which key the last one is signed by, once the signature is
/// checked: what somebody without the secret key has put there is not taken for our own.
fn batch_of(keyring: &Keyring, last: Option<&Batch>, seals: &[Seal], now: UtcTime) -> Batch {
    let key = keyring.trail_key();
    let first_position = last.map_or(0, |last| last.last_position) + 1;
    let mut batch = Batch {
        number: last.map_or(0, |last| last.number) + 1,
        first_position,
        last_position: seals.last().map_or(first_position, |seal| seal.position),
        // As heads tell it.
        sealed_at: now.trunc_subsecs(3),
        previous_head: last.map(|last| last.head.clone()),
        previous_key_id: last.filter(|last| is_ours(keyring, last)).map(|last| last.key_id.clone()),
        head: String::new(),
        key_id: key.id().to_owned(),
        public_key: key.public_key().to_owned(),
        signature: String::new(),
        told_at: None,
        cut_by: None,
    };
    let mut head = of_batch(&batch).begin();
    for seal in seals {
        head.add(&seal.row_hash);
    }
    batch.head = head.finish();
    batch.signature = key.sign(&statement(&batch));
    batch
}

/// Whether a batch is signed by a key of the settings.
fn is_ours(keyring: &Keyring, batch: &Batch) -> bool {
    let key = keyring.find_trail_key(&batch.key_id);
    key.is_some_and(|key| is_signed_head(key.public_key(), &statement(batch), &batch.signature))
}
