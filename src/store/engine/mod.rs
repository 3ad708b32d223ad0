//! The database itself: the connection to either engine, the pool in front of it, transactions, migrations, and the three
//! kinds of statement that diesel does not offer over both engines.

mod advisory_lock;
mod combined_statement;
mod connection;
mod database;
mod migrations;
mod prepared_update;
mod server_clock;
mod transaction;

pub(super) use advisory_lock::lock_key;
pub(super) use combined_statement::CombinedStatement;
pub use connection::AnyConnection;
pub use database::{Database, StoreError};
pub use migrations::{MigrationState, MigrationsError};
pub(super) use prepared_update::update;
pub use server_clock::server_time;
pub use transaction::Transaction;
