//! What a webhook endpoint is for, in the words of its owner.

use std::convert::Infallible;

use super::visible_line::{InvalidLine, parse_line};

/// What an endpoint is for, such as `ERP, produkcija`: 1 to 200 characters in one line, without characters that mislead a
/// reader. It is text: every place that shows it escapes it.
#[derive(Debug, Clone, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct WebhookDescription(String);

super::text_column!(WebhookDescription, |text| Ok::<_, Infallible>(WebhookDescription(text.to_owned())));

impl WebhookDescription {
    /// The greatest length, in characters of the composed text.
    pub const MAX_CHARACTERS: usize = 200;

    /// Parses a description. White space around it is cut off, and a run inside is one space.
    pub fn parse(text: &str) -> Result<Self, InvalidLine> {
        parse_line(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// The description as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
