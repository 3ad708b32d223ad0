//! The database itself. [`AnyConnection`] is a connection to either engine, `pool` keeps connections, [`Database`] runs work
//! on them, and [`Transaction`] is what every query works with. `migrations` brings the tables to this version, and [`server_time`]
//! reads the clock of the server. Three files add statements that diesel does not offer over both engines:
//! `prepared_update`, `combined_statement` and `advisory_lock`.

mod advisory_lock;
mod combined_statement;
mod connection;
mod database;
mod migrations;
mod pool;
mod prepared_update;
mod server_clock;
mod store_error;
mod transaction;

pub(super) use advisory_lock::lock_key;
pub(super) use combined_statement::CombinedStatement;
pub use connection::AnyConnection;
pub use database::{Database, in_background};
pub use migrations::{MigrationState, MigrationsError};
pub(super) use prepared_update::update;
pub use server_clock::server_time;
pub use store_error::StoreError;
pub use transaction::Transaction;
