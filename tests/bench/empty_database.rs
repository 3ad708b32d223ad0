//! A new database for a measurement.

use std::path::Path;

use diesel::{Connection as _, PgConnection, RunQueryDsl as _, sql_query};
use secrecy::SecretString;
use stakis_identity::{config::DatabaseUrl, types::random_below};

use super::service::Engine;

/// A database without any table.
pub(super) struct EmptyDatabase {
    pub(super) url: DatabaseUrl,
    /// The address for `STAKIS_DATABASE_URL`.
    pub(super) text: String,
    /// The server and the name there, by which it is removed.
    pub(super) server: Option<(PgConnection, String)>,
}

impl EmptyDatabase {
    /// Makes a file in the folder, or a database on the server.
    pub(super) fn make(engine: &Engine, folder: &Path) -> Self {
        match engine {
            Engine::Sqlite => {
                let path = folder.join("stakis.db");
                let text = format!("sqlite:{}", path.display());
                Self { url: DatabaseUrl::Sqlite(path), text, server: None }
            }
            Engine::Postgres(server_url) => {
                let name = format!("stakis_bench_{}", random_below(u64::MAX));
                let mut url = server_url.clone();
                url.set_path("postgres");
                let mut server = PgConnection::establish(url.as_str()).expect("the server answers");
                sql_query(format!("CREATE DATABASE {name}")).execute(&mut server).unwrap();
                url.set_path(&name);
                let text = url.to_string();
                Self {
                    url: DatabaseUrl::Postgres(SecretString::from(text.clone())),
                    text,
                    server: Some((server, name)),
                }
            }
        }
    }

    /// Removes the database from the server.
    pub(super) fn remove(self) {
        if let Some((mut server, name)) = self.server {
            drop(sql_query(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).execute(&mut server));
        }
    }
}
