//! The tables of the database.

mod schema;
