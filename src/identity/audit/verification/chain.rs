//! The chain of batches: their numbers, positions, heads, signatures and keys, and the heads that have left.

use super::report::{FindingKind, Place, Report};
use crate::{
    crypto::{Keyring, trail_key_id},
    identity::audit::head::{LeftHead, is_signed_by},
    store::audit_seals::Batch,
};

/// Follows the batches in their order.
pub(super) struct Chain<'a> {
    keyring: &'a Keyring,
    heads: &'a [LeftHead],
    last: Option<Batch>,
}

impl<'a> Chain<'a> {
    pub(super) const fn new(keyring: &'a Keyring, heads: &'a [LeftHead]) -> Self {
        Self { keyring, heads, last: None }
    }

    /// The last batch that was followed.
    pub(super) const fn last(&self) -> Option<&Batch> {
        self.last.as_ref()
    }

    /// Follows the next batch.
    pub(super) fn follow(&mut self, batch: &Batch, report: &mut Report) {
        report.batches += 1;
        self.check_place(batch, report);
        self.check_key(batch, report);
        for head in self.heads.iter().filter(|head| head.batch == batch.number) {
            if head.hash != batch.head || head.position.is_some_and(|position| position != batch.last_position) {
                let message = "a head that has left this service has another hash or position for this batch";
                report.add(FindingKind::HeadDiffers, Place::batch(batch.number), message);
            }
        }
        self.last = Some(batch.clone());
    }

    fn check_place(&self, batch: &Batch, report: &mut Report) {
        let (number, position) = self.last.as_ref().map_or((0, 0), |last| (last.number, last.last_position));
        if batch.number > number + 1 {
            let place = Place { batch: Some(number + 1), ..Place::span(position + 1, batch.first_position - 1) };
            let message = format!("batches {} to {} are gone", number + 1, batch.number - 1);
            report.add(FindingKind::BatchRemoved, place, message);
            return;
        }
        let head = self.last.as_ref().map(|last| &last.head);
        let follows = batch.first_position == position + 1 && batch.previous_head.as_ref() == head;
        if !follows || batch.last_position < batch.first_position {
            let message = "the batch does not follow on the one before";
            report.add(FindingKind::BatchChanged, Place::batch(batch.number), message);
        }
    }

    /// A key of the settings is known. Another one is vouched for by the batch in which the key changes: that one was made
    /// only after the signature before it was checked.
    fn check_key(&self, batch: &Batch, report: &mut Report) {
        let place = || Place::batch(batch.number);
        let known = self.keyring.find_trail_key(&batch.key_id);
        let public_key = match known {
            Some(key) => key.public_key(),
            None if trail_key_id(&batch.public_key) == batch.key_id => &batch.public_key,
            None => {
                report.add(FindingKind::KeyUnknown, place(), "the key is not the one whose id stands beside it");
                return;
            }
        };
        if !is_signed_by(public_key, batch) {
            report.add(FindingKind::SignatureWrong, place(), "the signature is not of this head");
        }
        let Some(last) = &self.last else { return };
        if last.number + 1 == batch.number && batch.previous_key_id.as_ref() != Some(&last.key_id) {
            let message = "the batch was sealed behind a head whose signature could not be verified then";
            report.add(FindingKind::KeyUnknown, place(), message);
        }
    }

    /// Checks the end of the chain.
    pub(super) fn finish(&self, report: &mut Report) {
        let (number, position) = self.last.as_ref().map_or((0, 0), |last| (last.number, last.last_position));
        for head in self.heads.iter().filter(|head| head.batch > number) {
            let place = Place {
                batch: Some(number + 1),
                position: Some(position + 1),
                last_position: head.position,
                event_id: None,
            };
            let message = format!("batches {} to {} were sealed, and are gone", number + 1, head.batch);
            report.add(FindingKind::CutOff, place, message);
        }
        let Some(last) = &self.last else { return };
        if self.keyring.find_trail_key(&last.key_id).is_none() {
            let message = "the last batch is signed by a key that does not follow from the settings";
            report.add(FindingKind::KeyUnknown, Place::batch(last.number), message);
        }
    }
}
