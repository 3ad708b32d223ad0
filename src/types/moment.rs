//! Times in documents that the service writes.

use chrono::SecondsFormat;
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    sql_types::Timestamp,
};
use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
    },
};

use super::UtcTime;

/// A time that JSON shows by RFC 3339 in UTC, to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, FromSqlRow)]
pub struct Moment(UtcTime);

impl Moment {
    /// Takes a time.
    #[must_use]
    pub const fn of(time: UtcTime) -> Self {
        Self(time)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for Moment
where
    UtcTime: FromSql<Timestamp, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        UtcTime::from_sql(bytes).map(Self)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A time by RFC 3339 in UTC, to the millisecond."))
            .examples(["2026-11-22T13:05:00.000Z"])
            .into()
    }
}

impl ToSchema for Moment {}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn dp_06_a_moment_is_written_in_utc_to_the_millisecond() {
        let time = DateTime::from_timestamp_micros(1_795_356_300_123_456).unwrap().naive_utc();
        assert_eq!(serde_json::to_string(&Moment::of(time)).unwrap(), r#""2026-11-22T14:05:00.123Z""#);
    }
}
