//! How far an import has come: a bar on a terminal, plain lines elsewhere.

use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

pub(super) struct Progress {
    bytes_read: Arc<AtomicU64>,
    length: Option<u64>,
    bar: Option<ProgressBar>,
    began: Instant,
    last_line: Instant,
}

impl Progress {
    pub(super) fn new(bytes_read: Arc<AtomicU64>, length: Option<u64>) -> Self {
        let began = Instant::now();
        let bar = io::stderr().is_terminal().then(|| bar(length));
        Self { bytes_read, length, bar, began, last_line: began }
    }

    /// Shows how many rows are dealt with.
    pub(super) fn show(&mut self, rows: u64) {
        let bytes = self.bytes_read.load(Ordering::Relaxed);
        let words = words(rows, bytes, self.length, self.began.elapsed());
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
            bar.set_message(words);
        } else if self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            // Nobody may be there to read it.
            drop(writeln!(io::stderr(), "{words}"));
        }
    }

    /// Writes a line without leaving a part of the bar in it.
    pub(super) fn aside(&self, write: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(length: Option<u64>) -> ProgressBar {
    let (bar, template) = match length {
        Some(length) => (ProgressBar::new(length), "{bar:30} {percent}% {msg}"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Such as `120000 rows, 21000 a second, about 42 s left`.
fn words(rows: u64, bytes: u64, length: Option<u64>, elapsed: Duration) -> String {
    let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = rows.saturating_mul(1000) / milliseconds;
    let left = length.filter(|_| bytes > 0).map(|length| {
        let left = length.saturating_sub(bytes);
        (u128::from(left) * u128::from(milliseconds) / u128::from(bytes)).div_ceil(1000)
    });
    let left = left.map_or_else(String::new, |seconds| format!(", about {seconds} s left"));
    format!("{rows} rows, {rate} a second{left}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_name_rows_rate_and_time_left() {
        let elapsed = Duration::from_secs(2);
        assert_eq!(words(1000, 50, Some(200), elapsed), "1000 rows, 500 a second, about 6 s left");
        assert_eq!(words(1000, 50, None, elapsed), "1000 rows, 500 a second");
        assert_eq!(words(0, 0, Some(9), Duration::ZERO), "0 rows, 0 a second");
    }
}
