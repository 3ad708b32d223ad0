//! Rows of a file with columns.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};

use super::{
    bounded::{Bounded, LONGEST_ROW, Position, READ_AHEAD, is_row_too_long},
    columns::{Columns, Mapping, set},
    text::Encoding,
};
use crate::identity::{
    Field,
    import::{RawRow, ReadRow, RowMistake, SourceFailed},
};

/// Where the bytes of a file come from.
pub(super) type Source = Box<dyn Read + Send>;

/// The header, which was looked at, and what comes behind it.
type WholeFile = io::Chain<Cursor<Vec<u8>>, BufReader<Source>>;

pub(super) struct CsvRows {
    reader: Reader<Bounded<WholeFile>>,
    position: Position,
    encoding: Encoding,
    pub(super) columns: Columns,
    /// The names of the columns that are not read.
    pub(super) unread: Vec<String>,
    record: ByteRecord,
    is_over: bool,
}

const SEPARATORS: [u8; 3] = *b",;\t";

/// The separator that the header has most of, outside of quotation marks.
fn separator_of(header: &[u8]) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut is_quoted = false;
    for byte in header {
        is_quoted ^= *byte == b'"';
        for (separator, count) in SEPARATORS.iter().zip(&mut counts) {
            *count += usize::from(!is_quoted && separator == byte);
        }
    }
    let most = SEPARATORS.iter().zip(counts).rev().max_by_key(|(_, count)| *count);
    most.map_or(b',', |(separator, _)| *separator)
}

impl CsvRows {
    /// Reads the header.
    pub(super) fn open(
        source: Source,
        position: Position,
        encoding: Encoding,
        mappings: &[Mapping],
    ) -> Result<Self, SourceFailed> {
        let failed = |line, sentence: String| SourceFailed { line, sentence };
        let mut source = BufReader::with_capacity(READ_AHEAD, source);
        let mut header = Vec::new();
        let most = LONGEST_ROW + 1;
        let read = (&mut source).take(most).read_until(b'\n', &mut header);
        read.map_err(|error| failed(1, error.to_string()))?;
        if u64::try_from(header.len()).is_ok_and(|length| length >= most) {
            return Err(failed(1, "the header is longer than 64 KiB".to_owned()));
        }
        if header.contains(&0) {
            return Err(failed(1, "the header has a zero byte; is the file UTF-16?".to_owned()));
        }
        let separator = separator_of(&header);
        let input = Bounded::new(Cursor::new(header).chain(source), position.clone());
        let mut reader =
            ReaderBuilder::new().delimiter(separator).flexible(true).buffer_capacity(READ_AHEAD).from_reader(input);
        let names = reader.byte_headers().map_err(|error| failed(1, error.to_string()))?;
        let names: Option<Vec<String>> = names.iter().map(|name| encoding.decode(name)).collect();
        let names = names.ok_or_else(|| failed(1, encoding.complaint().to_owned()))?;
        if !names.is_empty() && position.is_unclosed(reader.position().byte()) {
            return Err(failed(1, "a quotation mark in the header is not closed".to_owned()));
        }
        let (columns, unread) = Columns::read(&names, mappings).map_err(|sentence| failed(1, sentence))?;
        Ok(Self { reader, position, encoding, columns, unread, record: ByteRecord::new(), is_over: false })
    }

    /// Ends the reading.
    fn fail(&mut self, line: u64, sentence: &str) -> Result<ReadRow, SourceFailed> {
        self.is_over = true;
        Err(SourceFailed { line, sentence: sentence.to_owned() })
    }

    fn row(&self) -> Result<RawRow, RowMistake> {
        let (found, expected) = (self.record.len(), self.columns.len());
        if found != expected {
            let sentence = format!("the row has {found} columns and the header {expected}");
            return Err(RowMistake { field: None, column: None, sentence });
        }
        let mut row = RawRow::default();
        for (index, bytes) in self.record.iter().enumerate() {
            let Some(field) = self.columns.field(index) else { continue };
            let mistake = |sentence: &str| RowMistake {
                field: Some(field),
                column: Some(index + 1),
                sentence: sentence.to_owned(),
            };
            if bytes.contains(&0) {
                return Err(mistake("the text has a zero byte"));
            }
            let text = self.encoding.decode(bytes).ok_or_else(|| mistake(self.encoding.complaint()))?;
            // An empty cell says nothing.
            if !text.is_empty() && !set(&mut row, field, text) {
                return Err(mistake(SWITCH));
            }
        }
        Ok(row)
    }
}

/// What to say of a row that is longer than [`LONGEST_ROW`].
const ROW_TOO_LONG: &str = "the row is longer than 64 KiB; is a quotation mark not closed?";
/// What to say of a cell that is no switch.
pub(super) const SWITCH: &str = "this is true or false";

impl Iterator for CsvRows {
    type Item = Result<ReadRow, SourceFailed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let begin = self.reader.position().clone();
        self.position.begin_row(begin.byte());
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                let line = self.record.position().map_or(begin.line(), csv::Position::line);
                let end = self.reader.position().byte();
                if end.saturating_sub(self.record.position().map_or(end, csv::Position::byte)) > LONGEST_ROW {
                    return Some(self.fail(line, ROW_TOO_LONG));
                }
                // The rows behind a quotation mark that is not closed would be taken for a part of its text.
                if self.position.is_unclosed(end) {
                    return Some(self.fail(line, "a quotation mark in this row is not closed"));
                }
                Some(Ok(ReadRow { line, fields: self.row() }))
            }
            Ok(false) => {
                self.is_over = true;
                None
            }
            Err(error) => Some(match error.kind() {
                ErrorKind::Io(error) if is_row_too_long(error) => self.fail(begin.line(), ROW_TOO_LONG),
                _ => self.fail(begin.line(), &error.to_string()),
            }),
        }
    }
}

impl CsvRows {
    /// The number of the column of a field, from 1.
    pub(super) fn column_number(&self, field: Field) -> Option<usize> {
        self.columns.number(field)
    }
}

/// Reads the rows of a file of UTF-8 as the command does, for tests and fuzzers.
pub fn read_csv(
    source: Box<dyn Read + Send>,
) -> Result<impl Iterator<Item = Result<ReadRow, SourceFailed>>, SourceFailed> {
    CsvRows::open(source, Position::default(), Encoding::Utf8, &[])
}
