//! Rows of a file with a JSON object on each line.

use std::{
    fmt,
    io::{BufRead, BufReader, Read},
};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::error::Category;

use super::{
    bounded::{Bounded, LONGEST_ROW, Position, READ_AHEAD},
    columns::{Mapping, field_named, set},
    csv_rows::{SWITCH, Source},
    text::Encoding,
};
use crate::identity::{
    Field,
    import::{RawRow, ReadRow, RowMistake, SourceFailed},
};

pub(super) struct JsonRows {
    reader: BufReader<Bounded<Source>>,
    position: Position,
    encoding: Encoding,
    mappings: Vec<Mapping>,
    line: u64,
    bytes: Vec<u8>,
    offset: u64,
    is_over: bool,
}

impl JsonRows {
    pub(super) fn open(source: Source, position: Position, encoding: Encoding, mappings: &[Mapping]) -> Self {
        let reader = BufReader::with_capacity(READ_AHEAD, Bounded::new(source, position.clone()));
        let mappings = mappings.to_vec();
        Self { reader, position, encoding, mappings, line: 0, bytes: Vec::new(), offset: 0, is_over: false }
    }

    fn row(&self) -> Result<RawRow, RowMistake> {
        let mistake = |column, sentence: &str| RowMistake { field: None, column, sentence: sentence.to_owned() };
        let text = self.encoding.decode(&self.bytes).ok_or_else(|| mistake(None, self.encoding.complaint()))?;
        let Pairs(pairs) = serde_json::from_str(&text).map_err(|error| {
            let sentence = match error.classify() {
                Category::Data => "the line is no JSON object",
                _ => "the line is no JSON from this column on",
            };
            mistake(Some(error.column()), sentence)
        })?;
        let mut row = RawRow::default();
        let mut seen: Vec<Field> = Vec::new();
        for (name, value) in pairs {
            let field = field_named(&name, &self.mappings).ok_or_else(|| mistake(None, "a field is not known"))?;
            let of_field =
                |sentence: &str| RowMistake { field: Some(field), column: None, sentence: sentence.to_owned() };
            if seen.contains(&field) {
                return Err(of_field("the field occurs twice"));
            }
            seen.push(field);
            match (field, value) {
                (_, Scalar::Null) => {}
                (Field::Closed, Scalar::Switch(is_closed)) => row.closed = Some(is_closed),
                (Field::Closed, _) => return Err(of_field(SWITCH)),
                (_, Scalar::Text(text)) if text.contains('\0') => return Err(of_field("the text has a zero byte")),
                (_, Scalar::Text(text)) => {
                    if !set(&mut row, field, text) {
                        return Err(of_field("this is a text"));
                    }
                }
                _ => return Err(of_field("this is a text")),
            }
        }
        Ok(row)
    }
}

impl Iterator for JsonRows {
    type Item = Result<ReadRow, SourceFailed>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.is_over {
                return None;
            }
            self.line += 1;
            self.bytes.clear();
            self.position.begin_row(self.offset);
            let read = (&mut self.reader).take(LONGEST_ROW + 1).read_until(b'\n', &mut self.bytes);
            let count = match read {
                Ok(count) => u64::try_from(count).unwrap_or(u64::MAX),
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(SourceFailed { line: self.line, sentence: error.to_string() }));
                }
            };
            if count > LONGEST_ROW {
                self.is_over = true;
                let sentence = "the line is longer than 64 KiB".to_owned();
                return Some(Err(SourceFailed { line: self.line, sentence }));
            }
            self.offset += count;
            if count == 0 {
                self.is_over = true;
            } else if !self.bytes.trim_ascii().is_empty() {
                return Some(Ok(ReadRow { line: self.line, fields: self.row() }));
            }
        }
    }
}

/// The members of an object in their order, twice where they occur twice.
struct Pairs(Vec<(String, Scalar)>);

enum Scalar {
    Text(String),
    Switch(bool),
    Null,
    Other,
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Pairs;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = members.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Scalar;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a value")
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(text.to_owned()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar::Switch(value))
            }

            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar::Null)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Scalar, A::Error> {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }

        deserializer.deserialize_any(Any)
    }
}
