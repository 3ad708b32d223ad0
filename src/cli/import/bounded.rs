//! A reader that lets no row grow without bound, and counts what it has read.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// The most bytes of one row. A quotation mark that is not closed would make one row of a whole file.
pub(super) const LONGEST_ROW: u64 = 64 * 1024;
/// What is read ahead of a row.
pub(super) const READ_AHEAD: usize = 64 * 1024;

/// Two line ends that follow a file. The first one ends the last row, where the file does not. A row that has the second
/// one too is inside quotation marks.
const ENDING: &[u8] = b"\n\n";

/// What a reader and those around it know of each other.
#[derive(Clone, Default)]
pub(super) struct Position {
    /// The bytes that were read.
    pub(super) read: Arc<AtomicU64>,
    /// Where the present row begins.
    row: Arc<AtomicU64>,
    /// Whether everything was read, with what follows the file.
    is_whole: Arc<AtomicBool>,
}

impl Position {
    /// Notes that a row begins.
    pub(super) fn begin_row(&self, at: u64) {
        self.row.store(at, Ordering::Relaxed);
    }

    /// Whether a row that ends before this byte has everything to the end: a quotation mark in it is not closed.
    pub(super) fn is_unclosed(&self, end: u64) -> bool {
        let ending = u64::try_from(ENDING.len()).unwrap_or(0);
        self.is_whole.load(Ordering::Relaxed) && end == self.read.load(Ordering::Relaxed) + ending
    }
}

/// The row is longer than [`LONGEST_ROW`].
#[derive(Debug, thiserror::Error)]
#[error("a row is longer than 64 KiB")]
pub(super) struct RowTooLong;

/// A file, and the two line ends that follow it.
pub(super) struct Bounded<R> {
    inner: R,
    ending: &'static [u8],
    position: Position,
}

impl<R> Bounded<R> {
    pub(super) const fn new(inner: R, position: Position) -> Self {
        Self { inner, ending: ENDING, position }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Position { read, row, is_whole } = &self.position;
        let ahead = read.load(Ordering::Relaxed).saturating_sub(row.load(Ordering::Relaxed));
        if ahead > LONGEST_ROW + u64::try_from(READ_AHEAD).unwrap_or(0) {
            return Err(io::Error::other(RowTooLong));
        }
        let count = self.inner.read(buffer)?;
        if count == 0 {
            let of_ending = self.ending.read(buffer)?;
            is_whole.store(self.ending.is_empty(), Ordering::Relaxed);
            return Ok(of_ending);
        }
        read.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
        Ok(count)
    }
}

/// Whether reading has failed since a row is too long.
pub(super) fn is_row_too_long(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(inner) if inner.is::<RowTooLong>())
}
