//! The six-digit number that a customer signs in with.

use std::fmt;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

/// Exactly six ASCII digits. Leading zeros are part of it: `000123` is not `123`.
#[derive(Clone, PartialEq, Eq, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct CustomerNumber(String);

/// The text is not six ASCII digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a customer number is exactly six digits")]
pub struct InvalidCustomerNumber;

super::text_column!(CustomerNumber);

impl CustomerNumber {
    /// Parses exactly six ASCII digits. White space and the digits of other scripts are refused (RQ-04).
    pub fn parse(text: &str) -> Result<Self, InvalidCustomerNumber> {
        if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidCustomerNumber)
        }
    }

    /// The six digits as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last two digits, which a mail shows because one mailbox may serve several customers (ML-06).
    #[must_use]
    pub fn last_two_digits(&self) -> &str {
        self.0.get(4..).unwrap_or_default()
    }
}

impl PartialSchema for CustomerNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "A customer number: exactly six ASCII digits, as a string, since leading zeros count.",
            ))
            .pattern(Some("^[0-9]{6}$"))
            .min_length(Some(6))
            .max_length(Some(6))
            .examples(["004217"])
            .into()
    }
}

impl ToSchema for CustomerNumber {}

impl fmt::Debug for CustomerNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CustomerNumber({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rq_04_six_ascii_digits_and_nothing_else(text in "\\PC{0,8}|[0-9]{0,8}|[٠-٩]{6}|[０-９]{6}") {
            let expected = text.len() == 6 && text.chars().all(|c| c.is_ascii_digit());
            prop_assert_eq!(CustomerNumber::parse(&text).is_ok(), expected);
        }
    }

    #[test]
    fn rq_04_keeps_leading_zeros() {
        let number = CustomerNumber::parse("000123").unwrap();
        assert_eq!(number.as_str(), "000123");
        assert_eq!(number.last_two_digits(), "23");
    }
}
