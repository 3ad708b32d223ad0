//! What a verification has found.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{identity::audit::head::SignedHead, types::text_enum};

text_enum! {
    /// What was found.
    pub enum FindingKind {
        /// A column of the entry is not what was sealed.
        Changed = "changed",
        /// Number, network and detail of the entry were emptied, and no erasure of an account says so.
        Emptied = "emptied",
        /// The entry is gone.
        Removed = "removed",
        /// The entry was never sealed and does not wait for its seal, or its seal is in no batch.
        Inserted = "inserted",
        /// The entry stands at another position than the one that was sealed.
        Reordered = "reordered",
        /// Whole batches are gone.
        BatchRemoved = "batch_removed",
        /// A batch is not what was sealed, or the hashes of its entries do not lead to its head.
        BatchChanged = "batch_changed",
        /// The signature of a batch is wrong.
        SignatureWrong = "signature_wrong",
        /// A batch is signed by a key that neither the settings nor a later batch vouches for.
        KeyUnknown = "key_unknown",
        /// The trail ends before a head that has left this service.
        CutOff = "cut_off",
        /// A head that has left this service is not the one that stands here.
        HeadDiffers = "head_differs",
        /// The entry says that it happened long before it was written.
        Backdated = "backdated",
        /// Entries have waited for their seal for more than a minute.
        Unsealed = "unsealed",
    }
}

text_enum! {
    /// What a verification comes to.
    pub enum Verdict {
        /// The trail is what was sealed.
        Whole = "whole",
        /// The trail is what was sealed. Something in it wants a look.
        Attention = "attention",
        /// The trail is not what was sealed.
        Broken = "broken",
    }
}

impl FindingKind {
    /// What a finding of this kind comes to.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Backdated | Self::Unsealed => Verdict::Attention,
            Self::Changed
            | Self::Emptied
            | Self::Removed
            | Self::Inserted
            | Self::Reordered
            | Self::BatchRemoved
            | Self::BatchChanged
            | Self::SignatureWrong
            | Self::KeyUnknown
            | Self::CutOff
            | Self::HeadDiffers => Verdict::Broken,
        }
    }
}

/// The place of a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The number of the batch.
    pub batch: Option<i64>,
    /// The position of the entry, or of the first of several.
    pub position: Option<i64>,
    /// The position of the last of several entries.
    pub last_position: Option<i64>,
    /// The id of the entry.
    pub event_id: Option<String>,
}

impl Place {
    /// A batch.
    pub(super) fn batch(number: i64) -> Self {
        Self { batch: Some(number), ..Self::default() }
    }

    /// An entry at a position.
    pub(super) fn entry(position: i64, event_id: &str) -> Self {
        Self { position: Some(position), event_id: Some(event_id.to_owned()), ..Self::default() }
    }

    /// An entry without a position.
    pub(super) fn event(event_id: &str) -> Self {
        Self { event_id: Some(event_id.to_owned()), ..Self::default() }
    }

    /// One position, or several.
    pub(super) fn span(first: i64, last: i64) -> Self {
        Self { position: Some(first), last_position: (last != first).then_some(last), ..Self::default() }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
    /// What it is, in words.
    pub message: String,
}

/// The most findings that are listed one by one.
const MOST_LISTED: usize = 10_000;

/// What a verification has seen and found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// The batches that were verified.
    pub batches: u64,
    /// The sealed entries that were verified.
    pub entries: u64,
    /// Those of them that an erasure has emptied, which its own entry says.
    pub erased: u64,
    /// The entries that wait for their seal.
    pub waiting: u64,
    /// The last position whose entry was deleted after its time.
    pub deleted_up_to: Option<i64>,
    /// The head of the last batch.
    pub head: Option<SignedHead>,
    /// How many findings there are of each kind.
    pub counts: BTreeMap<FindingKind, u64>,
    /// The findings, as far as they are listed.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Adds a finding.
    pub(super) fn add(&mut self, kind: FindingKind, place: Place, message: impl Into<String>) {
        *self.counts.entry(kind).or_default() += 1;
        if self.findings.len() < MOST_LISTED {
            self.findings.push(Finding { kind, place, message: message.into() });
        }
    }

    /// What the verification comes to: the worst that was found.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.counts.keys().map(|kind| kind.verdict()).max().unwrap_or(Verdict::Whole)
    }
}
