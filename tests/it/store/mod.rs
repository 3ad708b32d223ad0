//! The tables of the database.

mod durability;
mod schema;
