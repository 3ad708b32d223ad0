//! Closed vocabularies: enums whose values have one text each, in tables, in JSON and in labels.
//!
//! `strum` gives the texts alone and brings two more crates: the mappings for diesel and OpenAPI would need a macro
//! beside its four derives, so one macro does it all.

use utoipa::openapi::{
    RefOr,
    schema::{ObjectBuilder, Schema, Type},
};

/// The text is no value of the vocabulary. The text itself is not repeated, since it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{name} is one of {}", known.join(", "))]
pub struct UnknownText {
    /// The name of the enum.
    pub name: &'static str,
    /// Every text that it knows.
    pub known: &'static [&'static str],
}

/// The schema of a vocabulary, for [`text_enum!`]: a string enum that stays open for clients.
pub(crate) fn open_enum_schema(
    documentation: &str,
    values: impl IntoIterator<Item = (&'static str, &'static str)>,
) -> RefOr<Schema> {
    let (texts, lines): (Vec<&str>, Vec<String>) =
        values.into_iter().map(|(text, documentation)| (text, format!("- `{text}`: {documentation}"))).unzip();
    let description = format!(
        "{documentation}\n\n{}\n\nA later version may add values: a client must tolerate values it does not know.",
        lines.join("\n")
    );
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts)).description(Some(description)).into()
}

/// Defines a closed vocabulary from one list of values, each with its documentation and its text.
///
/// It gives the enum with the traits of a plain value, `ALL`, `as_str`, `parse`, `documentation`, `Display`, the
/// mappings for serde and diesel, and the OpenAPI schema. A value that stands in the list is in all of them, and a text
/// that stands there twice is an unreachable pattern, which the compiler reports.
macro_rules! text_enum {
    (
        $(#[doc = $type_documentation:literal])+
        $visibility:vis enum $name:ident {
            $($(#[doc = $documentation:literal])+ $variant:ident = $text:literal,)+
        }
    ) => {
        $(#[doc = $type_documentation])+
        #[derive(
            Debug,
            Clone,
            Copy,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            diesel::expression::AsExpression,
            diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        $visibility enum $name {
            $($(#[doc = $documentation])+ $variant,)+
        }

        impl $name {
            /// Every value, in the order of its definition.
            $visibility const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text of the value, in tables, in JSON and in labels.
            #[must_use]
            $visibility const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The value with exactly this text.
            $visibility fn parse(text: &str) -> Result<Self, $crate::types::UnknownText> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::types::UnknownText { name: stringify!($name), known: &[$($text),+] }),
                }
            }

            /// What the value means, as its definition says it.
            #[must_use]
            $visibility const fn documentation(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($documentation),+).trim_ascii(),)+
                }
            }
        }

        $crate::types::text_column!($name);

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::types::open_enum_schema(
                    concat!($($type_documentation),+).trim_ascii(),
                    Self::ALL.iter().map(|value| (value.as_str(), value.documentation())),
                )
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

pub(crate) use text_enum;

#[cfg(test)]
mod tests {
    use utoipa::{PartialSchema, ToSchema};

    text_enum! {
        /// How far a letter
        /// has come.
        enum Progress {
            /// It waits.
            Waiting = "waiting",
            /// The carrier took it,
            /// and signed for it.
            HandedOver = "handed_over",
        }
    }

    #[test]
    fn one_list_gives_the_texts_and_their_documentation() {
        assert_eq!(Progress::ALL, [Progress::Waiting, Progress::HandedOver]);
        assert!(Progress::Waiting < Progress::HandedOver);
        assert_eq!(Progress::HandedOver.as_str(), "handed_over");
        assert_eq!(format!("{:>12}", Progress::HandedOver), " handed_over");
        assert_eq!(Progress::HandedOver.documentation(), "The carrier took it, and signed for it.");
        for value in Progress::ALL {
            assert_eq!(Progress::parse(value.as_str()), Ok(*value));
        }
    }

    #[test]
    fn an_unknown_text_is_refused_and_not_repeated() {
        for text in ["", "Waiting", "waiting ", "s3cret"] {
            assert_eq!(Progress::parse(text).unwrap_err().to_string(), "Progress is one of waiting, handed_over");
            let error = serde_json::from_value::<Progress>(text.into()).unwrap_err();
            assert_eq!(error.to_string(), "Progress is one of waiting, handed_over");
        }
    }

    #[test]
    fn json_holds_the_text() {
        assert_eq!(serde_json::to_string(&Progress::HandedOver).unwrap(), r#""handed_over""#);
        assert_eq!(serde_json::from_str::<Progress>(r#""waiting""#).unwrap(), Progress::Waiting);
        assert_eq!(serde_json::from_str::<Progress>(r#""w\u0061iting""#).unwrap(), Progress::Waiting);
    }

    #[test]
    fn the_schema_lists_each_value_and_stays_open() {
        let schema = serde_json::to_value(Progress::schema()).unwrap();
        assert_eq!(schema["type"], "string");
        assert_eq!(schema["enum"], serde_json::json!(["waiting", "handed_over"]));
        assert_eq!(
            schema["description"],
            "How far a letter has come.\n\n\
             - `waiting`: It waits.\n\
             - `handed_over`: The carrier took it, and signed for it.\n\n\
             A later version may add values: a client must tolerate values it does not know."
        );
        assert_eq!(Progress::name(), "Progress");
    }

    #[test]
    fn a_column_holds_the_text() {
        use diesel::prelude::*;
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        let select = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>("'handed_over'"));
        assert_eq!(select.get_result::<Progress>(&mut connection).unwrap(), Progress::HandedOver);
        let bound = diesel::select(Progress::Waiting.into_sql::<diesel::sql_types::Text>());
        assert_eq!(bound.get_result::<String>(&mut connection).unwrap(), "waiting");
        let unknown = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>("'lost'"));
        assert!(unknown.get_result::<Progress>(&mut connection).is_err());
    }
}
