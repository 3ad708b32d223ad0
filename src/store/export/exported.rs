//! The definition of a row that is handed out.

/// Defines a row that is handed out: each field is a column of the table, with a sentence for who reads the document.
macro_rules! exported {
    (
        $(#[doc = $documentation:literal])+
        $name:ident from $table:ident {
            $($(#[$attribute:meta])+ $field:ident: $type:ty,)+
        }
    ) => {
        $(#[doc = $documentation])+
        #[derive(
            Debug,
            diesel::deserialize::Queryable,
            diesel::expression::Selectable,
            serde::Serialize,
            utoipa::ToSchema,
        )]
        #[diesel(table_name = $table)]
        pub struct $name {
            $($(#[$attribute])+ $field: $type,)+
        }
    };
}

pub(super) use exported;
