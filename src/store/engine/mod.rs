//! The database itself. [`AnyConnection`] is a connection to either engine, `pool` keeps connections, [`Database`] runs work
//! on them, and [`Transaction`] is what every query works with. `migrations` brings the tables to this version, and [`server_time`]
//! reads the clock of the server. Four files add statements that diesel does not offer over both engines:
//! `prepared_update`, `combined_statement`, `advisory_lock` and `old_rows`.

mod advisory_lock;
mod combined_statement;
mod connection;
mod database;
mod migrations;
mod old_rows;
mod pool;
mod prepared_update;
mod server_clock;
mod store_error;
mod transaction;

pub(super) use advisory_lock::lock_key;
pub(super) use combined_statement::CombinedStatement;
pub use connection::AnyConnection;
pub use database::{Database, in_background};
pub(super) use migrations::check_migrations;
pub use migrations::{MigrationState, MigrationsError};
pub(super) use old_rows::Age;
pub use old_rows::OldRows;
pub(super) use prepared_update::update;
pub use server_clock::server_time;
pub use store_error::StoreError;
pub use transaction::Transaction;
