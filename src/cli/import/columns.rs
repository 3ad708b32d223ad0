//! Which column has which field.

use super::text::shown;
use crate::identity::{Field, import::RawRow};

/// The fields of a row, by their names in files.
pub(super) const FIELDS: [Field; 8] = [
    Field::CustomerNumber,
    Field::Email,
    Field::Locale,
    Field::DisplayName,
    Field::PasswordHash,
    Field::PasswordChangedAt,
    Field::Closed,
    Field::ClosedReason,
];

/// A field that has another name in the file: `--map FIELD=COLUMN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mapping {
    field: Field,
    column: String,
}

impl Mapping {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let names = || FIELDS.map(Field::as_str).join(", ");
        let (field, column) = text.split_once('=').ok_or("it is FIELD=COLUMN")?;
        let field = FIELDS.into_iter().find(|known| known.as_str() == field);
        let field = field.ok_or_else(|| format!("the fields are {}", names()))?;
        if column.trim().is_empty() {
            return Err("the name of the column is empty".to_owned());
        }
        Ok(Self { field, column: column.trim().to_owned() })
    }
}

/// The field that a name of the file stands for. A field that is mapped goes by its mapped name alone.
pub(super) fn field_named(name: &str, mappings: &[Mapping]) -> Option<Field> {
    let name = name.trim();
    if let Some(mapping) = mappings.iter().find(|mapping| mapping.column.eq_ignore_ascii_case(name)) {
        return Some(mapping.field);
    }
    let is_mapped = |field: Field| mappings.iter().any(|mapping| mapping.field == field);
    FIELDS.into_iter().find(|field| field.as_str().eq_ignore_ascii_case(name) && !is_mapped(*field))
}

/// The columns of a header: the field of each, where it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns(Vec<Option<Field>>);

/// The most columns of a file.
const MOST_COLUMNS: usize = 256;

impl Columns {
    /// Reads a header. Returns the names of columns that are not read as well.
    pub(super) fn read(header: &[String], mappings: &[Mapping]) -> Result<(Self, Vec<String>), String> {
        if header.len() > MOST_COLUMNS {
            return Err(format!("the header has more than {MOST_COLUMNS} columns"));
        }
        let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
        for (index, name) in names.iter().enumerate() {
            if !name.is_empty() && names.iter().skip(index + 1).any(|other| other == name) {
                return Err(format!("the header has the column {} twice", shown(name)));
            }
        }
        let fields: Vec<Option<Field>> = header.iter().map(|name| field_named(name, mappings)).collect();
        for field in FIELDS {
            if fields.iter().flatten().filter(|found| **found == field).count() > 1 {
                return Err(format!("two columns are the field {field}"));
            }
        }
        let missing = mappings.iter().find(|mapping| !fields.contains(&Some(mapping.field)));
        if let Some(Mapping { field, column }) = missing {
            return Err(format!("the header has no column {} for the field {field}", shown(column)));
        }
        if !fields.contains(&Some(Field::CustomerNumber)) {
            return Err(
                "the header has no column customer_number; name it with --map customer_number=COLUMN".to_owned()
            );
        }
        let unread = header.iter().zip(&fields).filter(|(_, field)| field.is_none());
        let unread = unread.map(|(name, _)| shown(name)).collect();
        Ok((Self(fields), unread))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The field of a column.
    pub(super) fn field(&self, index: usize) -> Option<Field> {
        self.0.get(index).copied().flatten()
    }

    /// The number of the column of a field, from 1.
    pub(super) fn number(&self, field: Field) -> Option<usize> {
        self.0.iter().position(|found| *found == Some(field)).map(|index| index + 1)
    }
}

/// Puts the text of a field into a row. `false` where the field has no such text.
#[must_use]
pub(super) fn set(row: &mut RawRow, field: Field, text: String) -> bool {
    match field {
        Field::CustomerNumber => row.customer_number = Some(text),
        Field::Email => row.email = Some(text),
        Field::Locale => row.locale = Some(text),
        Field::DisplayName => row.display_name = Some(text),
        Field::PasswordHash => row.password_hash = Some(text),
        Field::PasswordChangedAt => row.password_changed_at = Some(with_time(text)),
        Field::ClosedReason => row.closed_reason = Some(text),
        Field::Closed => match text.trim().to_lowercase().as_str() {
            "true" | "1" | "yes" | "da" | "ja" => row.closed = Some(true),
            "false" | "0" | "no" | "ne" | "nein" => row.closed = Some(false),
            _ => return false,
        },
        _ => return false,
    }
    true
}

/// A day alone is its first moment.
fn with_time(text: String) -> String {
    if text.len() == "2026-11-22".len() { text + "T00:00:00Z" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &[&str], mappings: &[&str]) -> Result<(Columns, Vec<String>), String> {
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        let mappings: Vec<Mapping> = mappings.iter().map(|text| Mapping::parse(text).unwrap()).collect();
        Columns::read(&header, &mappings)
    }

    #[test]
    fn a_header_names_fields_in_any_order_and_mappings_come_first() {
        let (columns, unread) = read(&["Kupec", " EMAIL ", "opomba"], &["customer_number=kupec"]).unwrap();
        assert_eq!(columns.0, [Some(Field::CustomerNumber), Some(Field::Email), None]);
        assert_eq!((columns.number(Field::Email), columns.number(Field::Locale)), (Some(2), None));
        assert_eq!(unread, ["opomba"]);
    }

    #[test]
    fn a_header_that_can_be_read_in_two_ways_is_refused() {
        for (header, mappings, part) in [
            (vec!["customer_number", "email", "Email"], vec![], "twice"),
            (vec!["customer_number", "kupec"], vec!["email=naslov"], "no column naslov"),
            (vec!["email"], vec![], "no column customer_number"),
            (vec!["x"; 257], vec![], "more than 256"),
        ] {
            let error = read(&header, &mappings).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        for text in ["email", "password=x", "email= "] {
            assert!(Mapping::parse(text).is_err(), "{text}");
        }
    }
}
