//! The query of a list: its parameters, and which page is meant.

use url::form_urlencoded;

use crate::identity::{Field, FieldError};

/// The events of a page, where the caller names no number.
const USUAL_LIMIT: usize = 20;
/// The most events of a page.
const GREATEST_LIMIT: usize = 100;

/// The query of a list. Parameters that the list does not know are passed over.
pub(super) struct PageQuery(Vec<(String, String)>);

impl PageQuery {
    pub(super) fn read(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The values of a parameter, in their order.
    pub(super) fn all(&self, field: Field) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(name, _)| name == field.as_str()).map(|(_, value)| value.as_str())
    }

    /// A parameter that stands there once at most; `None` where it is left out.
    pub(super) fn one(&self, field: Field) -> Result<Option<&str>, FieldError> {
        let mut values = self.all(field);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(FieldError::invalid_format(field)),
        }
    }

    /// A parameter with a form, which `parse` reads.
    pub(super) fn parsed<T>(
        &self,
        field: Field,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, FieldError> {
        let text = self.one(field)?;
        text.map(|text| parse(text).ok_or(FieldError::invalid_format(field))).transpose()
    }

    /// The most events of the page.
    pub(super) fn limit(&self) -> Result<usize, FieldError> {
        self.limit_or(USUAL_LIMIT)
    }

    /// The most events of the page of a list that has a usual length of its own.
    pub(super) fn limit_or(&self, usual: usize) -> Result<usize, FieldError> {
        Ok(self.parsed(Field::Limit, read_limit)?.unwrap_or(usual))
    }
}

/// Reads a number from 1 to [`GREATEST_LIMIT`], without a sign or leading zeros.
fn read_limit(text: &str) -> Option<usize> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|limit| is_plain && *limit <= GREATEST_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ow_08_a_limit_is_a_number_from_1_to_100() {
        for (text, limit) in [("1", Some(1)), ("20", Some(20)), ("100", Some(100))] {
            assert_eq!(read_limit(text), limit);
        }
        for text in ["", "0", "101", "-1", "+1", "01", "1.0", "1e1", "٣", " 1", "99999999999999999999999"] {
            assert_eq!(read_limit(text), None, "{text}");
        }
    }

    #[test]
    fn ap_13_a_parameter_stands_once_in_a_query() {
        let query = PageQuery::read("after=a%20b&limit=5&limit=6&other=1");
        assert_eq!(query.one(Field::After), Ok(Some("a b")));
        assert_eq!(query.one(Field::From), Ok(None));
        assert_eq!(query.limit(), Err(FieldError::invalid_format(Field::Limit)));
        assert_eq!(PageQuery::read("").limit(), Ok(USUAL_LIMIT));
    }
}
