//! What a file is, before its rows are read.

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek as _},
    path::Path,
    sync::{Arc, atomic::AtomicU64},
};

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;

use super::{
    bounded::Position,
    columns::Mapping,
    csv_rows::{CsvRows, Source},
    format::Format,
    json_rows::JsonRows,
    text::Encoding,
};
use crate::{
    cli::CliError,
    identity::{
        Field,
        import::{ReadRow, SourceFailed},
    },
};

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF_16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// A file whose first bytes were looked at.
pub(super) struct Opened {
    source: Source,
    /// The file, where it can be read twice.
    file: Option<File>,
    format: Format,
    encoding: Encoding,
    position: Position,
}

impl Opened {
    pub(super) fn open(path: &Path, format: Option<Format>, encoding: Encoding) -> Result<Self, CliError> {
        let name = path.display();
        let is_standard_input = path.as_os_str() == "-";
        let file = if is_standard_input {
            None
        } else {
            let file = File::open(path).map_err(|error| format!("cannot read {name}: {error}"))?;
            let about = file.metadata().map_err(|error| format!("cannot read {name}: {error}"))?;
            if about.is_dir() {
                return Err(format!("{name} is a folder").into());
            }
            Some((file, about.is_file()))
        };
        let (mut source, file): (Source, Option<File>) = match file {
            None => (Box::new(io::stdin()), None),
            Some((file, false)) => (Box::new(file), None),
            Some((file, true)) => (Box::new(file.try_clone()?), Some(file)),
        };
        let mut first = Vec::new();
        (&mut source).take(8).read_to_end(&mut first).map_err(|error| format!("cannot read {name}: {error}"))?;
        if UTF_16_MARKS.iter().any(|mark| first.starts_with(mark)) {
            return Err("the file is UTF-16; save it as UTF-8, or as CSV with --encoding windows-1250".into());
        }
        let text = first.strip_prefix(UTF_8_MARK).unwrap_or(&first);
        let format = format.unwrap_or_else(|| format_of(path, text));
        let source = Box::new(Cursor::new(text.to_vec()).chain(source));
        Ok(Self { source, file, format, encoding, position: Position::default() })
    }

    /// The digest of the file; `None` where it can be read only once.
    pub(super) fn digest(&mut self) -> Result<Option<String>, CliError> {
        let Some(file) = &mut self.file else { return Ok(None) };
        let behind = file.stream_position()?;
        file.rewind()?;
        let mut context = Context::new(&SHA256);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            context.update(buffer.get(..count).unwrap_or_default());
        }
        // The clone that the rows are read from has the same place in the file.
        file.seek(io::SeekFrom::Start(behind))?;
        Ok(Some(HEXLOWER.encode(context.finish().as_ref())))
    }

    /// The length of the file in bytes; `None` where it is not known.
    pub(super) fn length(&self) -> Option<u64> {
        self.file.as_ref().and_then(|file| file.metadata().ok()).map(|about| about.len())
    }

    /// The bytes that were read so far.
    pub(super) fn bytes_read(&self) -> Arc<AtomicU64> {
        self.position.read.clone()
    }

    pub(super) fn rows(self, mappings: &[Mapping]) -> Result<FileRows, SourceFailed> {
        let Self { source, format, encoding, position, .. } = self;
        Ok(match format {
            Format::Csv => FileRows::Csv(Box::new(CsvRows::open(source, position, encoding, mappings)?)),
            Format::Ndjson => FileRows::Json(Box::new(JsonRows::open(source, position, encoding, mappings))),
        })
    }
}

/// The format by the name of a file, and else by its first character.
fn format_of(path: &Path, text: &[u8]) -> Format {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_lowercase);
    match extension.as_deref() {
        Some("csv" | "tsv" | "txt") => Format::Csv,
        Some("ndjson" | "jsonl" | "json") => Format::Ndjson,
        _ if text.trim_ascii_start().starts_with(b"{") => Format::Ndjson,
        _ => Format::Csv,
    }
}

/// The rows of a file of either form.
pub(super) enum FileRows {
    Csv(Box<CsvRows>),
    Json(Box<JsonRows>),
}

impl FileRows {
    /// The number of the column of each field, where the file has columns.
    pub(super) fn column_numbers(&self) -> Vec<(Field, usize)> {
        match self {
            Self::Csv(rows) => super::columns::FIELDS
                .into_iter()
                .filter_map(|field| Some((field, rows.column_number(field)?)))
                .collect(),
            Self::Json(_) => Vec::new(),
        }
    }

    /// What to know of the file before its rows.
    pub(super) fn notices(&self) -> Vec<String> {
        match self {
            Self::Csv(rows) if !rows.unread.is_empty() => {
                vec![format!("These columns are not read: {}", rows.unread.join(", "))]
            }
            Self::Csv(_) | Self::Json(_) => Vec::new(),
        }
    }
}

impl Iterator for FileRows {
    type Item = Result<ReadRow, SourceFailed>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Json(rows) => rows.next(),
        }
    }
}
