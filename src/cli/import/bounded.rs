//! A reader that lets no row grow without bound, and counts what it has read.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// The most bytes of one row. A quotation mark that is not closed would make one row of a whole file.
pub(super) const LONGEST_ROW: u64 = 64 * 1024;
/// What is read ahead of a row.
pub(super) const READ_AHEAD: usize = 64 * 1024;

/// What a reader and those around it know of each other.
#[derive(Clone, Default)]
pub(super) struct Position {
    /// The bytes that were read.
    pub(super) read: Arc<AtomicU64>,
    /// Where the present row begins.
    row: Arc<AtomicU64>,
    /// The quotation marks that were read.
    quotes: Arc<AtomicU64>,
}

impl Position {
    /// Notes that a row begins.
    pub(super) fn begin_row(&self, at: u64) {
        self.row.store(at, Ordering::Relaxed);
    }

    /// Whether a quotation mark has no other one.
    pub(super) fn has_single_quote(&self) -> bool {
        self.quotes.load(Ordering::Relaxed) % 2 == 1
    }
}

/// The row is longer than [`LONGEST_ROW`].
#[derive(Debug, thiserror::Error)]
#[error("a row is longer than 64 KiB")]
pub(super) struct RowTooLong;

pub(super) struct Bounded<R> {
    inner: R,
    position: Position,
}

impl<R> Bounded<R> {
    pub(super) const fn new(inner: R, position: Position) -> Self {
        Self { inner, position }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Position { read, row, quotes } = &self.position;
        let ahead = read.load(Ordering::Relaxed).saturating_sub(row.load(Ordering::Relaxed));
        if ahead > LONGEST_ROW + u64::try_from(READ_AHEAD).unwrap_or(0) {
            return Err(io::Error::other(RowTooLong));
        }
        let count = self.inner.read(buffer)?;
        let new = buffer.get(..count).unwrap_or_default();
        let marks = new.iter().map(|byte| u64::from(*byte == b'"')).sum();
        quotes.fetch_add(marks, Ordering::Relaxed);
        read.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
        Ok(count)
    }
}

/// Whether reading has failed since a row is too long.
pub(super) fn is_row_too_long(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(inner) if inner.is::<RowTooLong>())
}
