//! A database with a past, filled by statements of its own.

use crate::service::Engine;

/// The greatest number of accounts. The numbers have six digits, and some are to belong to nobody.
const MOST_ACCOUNTS: u32 = 950_000;
/// The requests, and the entries of the trail, for each account.
const PER_ACCOUNT: u32 = 5;

/// How much there is.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// Accounts, with the numbers from 000001 on.
    pub(super) accounts: u32,
    /// Reset requests and entries of the audit trail, of each as many.
    pub(super) rows: u32,
}

impl Size {
    /// A database for this number of customers.
    pub(super) fn of(customers: u32) -> Self {
        Self { accounts: customers.min(MOST_ACCOUNTS), rows: PER_ACCOUNT * customers }
    }
}

/// What differs between the engines.
struct Dialect {
    /// A random id.
    id: &'static str,
    /// A random moment between two and twenty days ago: older than every limit, and younger than what is deleted.
    moment: &'static str,
    /// The customer number of the row `i`.
    number: &'static str,
    /// An hour after `moment` of the row at hand.
    hour_later: &'static str,
    now: &'static str,
    /// What a statement over millions of rows begins with.
    begin: &'static str,
}

const SQLITE: Dialect = Dialect {
    id: "replace(replace(replace(replace(lower(hex(randomblob(13))), '0', 'g'), '1', 'h'), '8', 'i'), '9', 'j')",
    moment: "datetime('now', '-' || (172800 + abs(random() % 1555200)) || ' seconds')",
    number: "printf('%06d', i)",
    hour_later: "datetime(moment, '+1 hour')",
    now: "datetime('now')",
    // The indexes that random ids grow fit into memory.
    begin: "PRAGMA cache_size = -400000; PRAGMA temp_store = memory;",
};
const POSTGRES: Dialect = Dialect {
    id: "substr(translate(gen_random_uuid()::text, '0189-', 'ghij'), 1, 26)",
    moment: "date_trunc('second', now() AT TIME ZONE 'utc' - interval '2 days' - random() * interval '18 days')",
    number: "lpad(i::text, 6, '0')",
    hour_later: "moment + interval '1 hour'",
    now: "date_trunc('second', now() AT TIME ZONE 'utc')",
    begin: "",
};

/// The rows from `first` to `last`, as a table `n` with a column `i`.
fn numbers(engine: &Engine, first: u32, last: u32) -> String {
    match engine {
        Engine::Sqlite => format!(
            "(WITH RECURSIVE c(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM c WHERE i < {last})
              SELECT i FROM c) AS n"
        ),
        Engine::Postgres(_) => format!("generate_series({first}, {last}) AS n(i)"),
    }
}

fn dialect(engine: &Engine) -> &'static Dialect {
    match engine {
        Engine::Sqlite => &SQLITE,
        Engine::Postgres(_) => &POSTGRES,
    }
}

/// Statements that add the accounts with the numbers from 000002 on, with this hash of their password.
pub(super) fn accounts(engine: &Engine, last: u32, hash: Option<(&str, &str)>) -> String {
    let Dialect { id, number, now, .. } = dialect(engine);
    let (hash, cost, changed) = match hash {
        Some((hash, cost)) => (format!("'{hash}'"), format!("'{cost}'"), *now),
        None => ("NULL".to_owned(), "NULL".to_owned(), "NULL"),
    };
    format!(
        "INSERT INTO accounts
            (id, customer_number, email, locale, password_hash, password_cost, password_changed_at, created_at)
         SELECT {id}, {number}, 'delavnica-' || i || '@example.si', 'sl', {hash}, {cost}, {changed}, {now}
         FROM {};",
        numbers(engine, 2, last)
    )
}

/// Statements that give the accounts their past: requests, of which each fifth had a mail and a link, and sealed
/// entries of the trail. Each statement runs alone.
pub(super) fn past(engine: &Engine, size: Size) -> Vec<String> {
    let Dialect { id, moment, hour_later, now, begin, .. } = dialect(engine);
    let rounds = numbers(engine, 1, size.rows.div_ceil(size.accounts));
    let quoted = |text: &str, length: usize| format!("'{}'", text.repeat(length));
    let (salt, hash) = (quoted("a", 32), quoted("b", 64));
    let mut statements = vec![
        format!(
            "{begin} INSERT INTO reset_requests (id, customer_number, requested_at, request_id, outcome, actor)
             SELECT {id}, customer_number, {moment}, 'filled-' || i,
                CASE WHEN i = 1 THEN 'link_made' ELSE 'cooldown' END, 'customer'
             FROM {rounds} CROSS JOIN accounts LIMIT {};",
            size.rows
        ),
        format!(
            "{begin} INSERT INTO reset_links
                (id, reset_request_id, customer_number, account_id, secret_key_id, token_hash, created_at, expires_at,
                 mail_finished_at, ended_at, ended_because, lives_until)
             SELECT link, request, customer_number, account, 'filled', link, moment, {hour_later}, moment, {hour_later},
                'withdrawn', {hour_later}
             FROM (
                SELECT {id} AS link, reset_requests.id AS request, accounts.customer_number, accounts.id AS account,
                    requested_at AS moment
                FROM reset_requests JOIN accounts ON accounts.customer_number = reset_requests.customer_number
                WHERE request_id = 'filled-1'
             ) AS filled;"
        ),
        format!(
            "{begin} INSERT INTO mails
                (id, kind, account_id, reset_link_id, last_two_digits, locale, status, attempts, created_at,
                 serve_until, finished_at, provider)
             SELECT {id}, 'reset_link', account_id, id, substr(customer_number, 5), 'sl', 'handed_over', 1, created_at,
                expires_at, created_at, 'mailpit'
             FROM reset_links WHERE secret_key_id = 'filled';"
        ),
        format!(
            "{begin} INSERT INTO audit_events (id, occurred_at, event, actor, customer_number, account_id, request_id)
             SELECT {id}, {moment}, CASE WHEN i % 2 = 1 THEN 'reset_requested' ELSE 'authn_login_success' END,
                'customer', customer_number, id, 'filled-' || i
             FROM {rounds} CROSS JOIN accounts LIMIT {};",
            size.rows
        ),
        // The service does not seal the past while it is measured: these seals are there, and hold no signature.
        format!(
            "{begin} INSERT INTO audit_seals (position, event_id, salt, commitment, row_hash)
             SELECT row_number() OVER (ORDER BY seq), event_id, {salt}, {hash}, {hash} FROM audit_unsealed;"
        ),
        format!(
            "INSERT INTO audit_batches
                (number, first_position, last_position, sealed_at, head, key_id, public_key, signature)
             SELECT i, 1 + (i - 1) * 1000, i * 1000, {now}, {hash}, 'filled', 'filled', 'filled'
             FROM {};",
            numbers(engine, 1, size.rows / 1000)
        ),
        "DELETE FROM audit_unsealed;".to_owned(),
    ];
    statements.extend(tidy(engine));
    statements
}

/// Statements after which the engine plans with the sizes of the tables as they are.
pub(super) fn tidy(engine: &Engine) -> Vec<String> {
    match engine {
        Engine::Sqlite => vec!["ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);".to_owned()],
        Engine::Postgres(_) => vec!["VACUUM ANALYZE".to_owned(), "CHECKPOINT".to_owned()],
    }
}
