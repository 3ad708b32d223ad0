//! The domains at which customers have their mailboxes, counted over all accounts.

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};

use super::engine::{AnyConnection, StoreError, Transaction};

/// A domain of addresses on file.
#[derive(QueryableByName)]
struct Domain {
    #[diesel(sql_type = Text)]
    domain: String,
}

/// Lists at most `most` domains that at least `least` accounts have their address at, the largest first. A domain that is not
/// in Punycode is as it was entered, in lower case.
pub fn list_largest(tx: &mut Transaction<'_>, least: i64, most: i64) -> Result<Vec<String>, StoreError> {
    let sentence = |domain: &str| {
        format!(
            "SELECT {domain} AS domain FROM accounts WHERE email IS NOT NULL
             GROUP BY {domain} HAVING COUNT(*) >= $1 ORDER BY COUNT(*) DESC, {domain} LIMIT $2"
        )
    };
    let domains: Vec<Domain> = match tx.connection {
        AnyConnection::Postgres(connection) => sql_query(sentence("lower(split_part(email, '@', 2))"))
            .bind::<BigInt, _>(least)
            .bind::<BigInt, _>(most)
            .load(connection)?,
        AnyConnection::Sqlite(connection) => sql_query(sentence("lower(substr(email, instr(email, '@') + 1))"))
            .bind::<BigInt, _>(least)
            .bind::<BigInt, _>(most)
            .load(connection)?,
    };
    Ok(domains.into_iter().map(|row| row.domain).collect())
}
