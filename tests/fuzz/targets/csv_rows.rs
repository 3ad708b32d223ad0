//! Files with columns. Their rows are those of RFC 4180, in whatever pieces a file comes. A row with more or fewer
//! columns than the header is an error, and no row is taken for a part of another one's text.

use std::{
    collections::BTreeMap,
    io::{self, Read},
    str::Utf8Error,
};

use csv::{ByteRecord, ReaderBuilder};
use stakis_identity::{
    cli::read_csv,
    identity::import::{RawRow, RowMistake, SourceFailed},
};

pub(crate) type Reader = fn(Box<dyn Read + Send>) -> Reading;

/// The texts of a row, by the names of their fields.
pub(crate) type Texts = BTreeMap<&'static str, String>;

/// What a file has: its rows with their lines, and where and why no more can be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) rows: Vec<(u64, Result<Texts, RowMistake>)>,
    pub(crate) failure: Option<(u64, String)>,
}

/// The most bytes of one piece, in the order in which they are tried.
const PIECES: [usize; 3] = [usize::MAX, 1, 7];
const SEPARATORS: [u8; 3] = *b",;\t";
const NAMES: [&str; 8] = [
    "customer_number",
    "email",
    "locale",
    "display_name",
    "password_hash",
    "password_changed_at",
    "closed",
    "closed_reason",
];

pub(crate) fn target(bytes: &[u8]) {
    check(read, bytes);
}

/// Reads a file as the service does.
pub(crate) fn read(source: Box<dyn Read + Send>) -> Reading {
    let mut reading = Reading::default();
    let failure = |SourceFailed { line, sentence }| Some((line, sentence));
    match read_csv(source) {
        Err(failed) => reading.failure = failure(failed),
        Ok(rows) => {
            for row in rows {
                assert_eq!(reading.failure, None, "something comes after the end");
                match row {
                    Ok(row) => reading.rows.push((row.line, row.fields.map(texts_of))),
                    Err(failed) => reading.failure = failure(failed),
                }
            }
        }
    }
    reading
}

fn texts_of(row: RawRow) -> Texts {
    let closed = row.closed.map(|is_closed| is_closed.to_string());
    let texts = [
        row.customer_number,
        row.email,
        row.locale,
        row.display_name,
        row.password_hash,
        row.password_changed_at,
        closed,
        row.closed_reason,
    ];
    NAMES.into_iter().zip(texts).filter_map(|(name, text)| Some((name, text?))).collect()
}

/// Checks what a reader makes of a file.
pub(crate) fn check(read: Reader, bytes: &[u8]) {
    let [reading, others @ ..] = PIECES.map(|most| read(Box::new(Pieces { bytes: bytes.to_vec(), at: 0, most })));
    for (other, most) in others.iter().zip(&PIECES[1..]) {
        assert_eq!(*other, reading, "in pieces of {most} bytes");
    }
    assert!(reading.rows.is_sorted_by_key(|(line, _)| *line), "{reading:?}");
    let is_refused = reading.rows.is_empty() && reading.failure.is_some();
    if !is_refused {
        // A file whose rows are all mistaken may be read alike with several separators.
        let mut separators =
            SEPARATORS.into_iter().filter(|separator| agrees(&reading, bytes, *separator)).peekable();
        assert!(separators.peek().is_some(), "these are not the rows of the file: {reading:?}");
        let is_told = reading.failure.is_some();
        assert!(
            is_told || separators.any(|separator| !ends_inside_marks(bytes, separator)),
            "the end lies inside quotation marks: {reading:?}"
        );
    }
}

/// A file that hands out a few bytes at a time.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    most: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = &self.bytes[self.at..];
        let count = rest.len().min(self.most).min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

/// Whether the rows are the records that a reader with this separator alone finds, one for each.
fn agrees(reading: &Reading, bytes: &[u8], separator: u8) -> bool {
    let mut builder = ReaderBuilder::new();
    let reader = builder.has_headers(false).flexible(true).delimiter(separator).from_reader(bytes);
    let records: Vec<ByteRecord> = reader.into_byte_records().map(Result::unwrap).collect();
    let Some((header, records)) = records.split_first() else { return false };
    let Ok(names) = header.iter().map(name_of).collect::<Result<Vec<_>, _>>() else { return false };
    let is_whole = reading.failure.is_some() || reading.rows.len() == records.len();
    let is_row =
        |((_, row), record): (&(_, Result<Texts, _>), _)| row.as_ref().ok() == expected(&names, record).as_ref();
    is_whole && reading.rows.len() <= records.len() && reading.rows.iter().zip(records).all(is_row)
}

/// The field that a column of the header stands for; `None` where it is not read.
fn name_of(cell: &[u8]) -> Result<Option<&'static str>, Utf8Error> {
    let text = str::from_utf8(cell)?.trim();
    Ok(NAMES.into_iter().find(|name| name.eq_ignore_ascii_case(text)))
}

/// The texts of a row; `None` where it is an error.
fn expected(names: &[Option<&'static str>], record: &ByteRecord) -> Option<Texts> {
    if record.len() != names.len() {
        return None;
    }
    let mut texts = Texts::new();
    for (name, cell) in names.iter().zip(record) {
        let Some(name) = name else { continue };
        let text = str::from_utf8(cell).ok().filter(|text| !text.contains('\0'))?;
        if !text.is_empty() {
            texts.insert(name, value(name, text)?);
        }
    }
    Some(texts)
}

fn value(name: &str, text: &str) -> Option<String> {
    match (name, text.trim().to_lowercase().as_str()) {
        ("closed", "true" | "1" | "yes" | "da" | "ja") => Some("true".to_owned()),
        ("closed", "false" | "0" | "no" | "ne" | "nein") => Some("false".to_owned()),
        ("closed", _) => None,
        ("password_changed_at", _) if text.len() == 10 => Some(format!("{text}T00:00:00Z")),
        _ => Some(text.to_owned()),
    }
}

/// Whether the end of a file lies inside quotation marks that were opened on an earlier line.
fn ends_inside_marks(bytes: &[u8], separator: u8) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum Place {
        CellStart,
        Cell,
        Quoted,
        BehindMark,
    }
    let (mut place, mut has_line_end) = (Place::CellStart, false);
    for byte in bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) {
        place = match (place, byte) {
            (Place::CellStart, b'"') => {
                has_line_end = false;
                Place::Quoted
            }
            (Place::BehindMark, b'"') => Place::Quoted,
            (Place::Quoted, b'"') => Place::BehindMark,
            (Place::Quoted, _) => {
                has_line_end |= *byte == b'\n';
                Place::Quoted
            }
            (_, b'\n' | b'\r') => Place::CellStart,
            (_, _) if *byte == separator => Place::CellStart,
            (_, _) => Place::Cell,
        };
    }
    place == Place::Quoted && has_line_end
}
