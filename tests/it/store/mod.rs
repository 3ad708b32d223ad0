//! The tables.

mod schema;
