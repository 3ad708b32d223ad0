//! The verification of the sealed trail. [`verify()`] reads everything once, page by page, in one read-only transaction:
//! `chain` follows the batches, `entries` checks each sealed entry and `reordered` what does not fit, and `unsealed` looks
//! for entries that were put past the seal. The result is a [`Report`].

mod chain;
mod entries;
mod reordered;
mod report;
mod unsealed;
mod verify;

pub use report::{Finding, FindingKind, Place, Report, Verdict};
pub use verify::verify;
