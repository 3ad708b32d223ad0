//! The mapping of a value with a text form to a text column of both databases.

/// Implements diesel's mapping to text by the `as_str` and `parse` of the type. A second argument is another
/// function that reads the text of a row.
macro_rules! text_column {
    ($type:ty) => {
        $crate::types::text_column!($type, <$type>::parse);
    };
    ($type:ty, $read:expr) => {
        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $type
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(bytes)?;
                let read: fn(&str) -> Result<$type, _> = $read;
                read(&text).map_err(Into::into)
            }
        }

        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $type
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'bind>(
                &'bind self,
                out: &mut diesel::serialize::Output<'bind, '_, DB>,
            ) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.as_str(), out)
            }
        }
    };
}

pub(crate) use text_column;
