//! What the tables hold of one customer.

use diesel::sql_types::{Integer, Nullable, Text, Timestamp};
use stakis_identity::types::UtcTime;

use crate::support::DirectConnection;

/// A row of one of the tables, of which `part` names the kind.
#[derive(Debug, Clone, diesel::QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = Text)]
    part: String,
    #[diesel(sql_type = Text)]
    pub(super) id: String,
    /// What the row belongs to: the request of a link, the link of a mail, the payload of a job.
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) parent: Option<String>,
    /// The outcome, the end or the status; of an account the hash of its password.
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) state: Option<String>,
    /// The mail API of a mail.
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) provider: Option<String>,
    /// The attempts of mails and jobs, the epoch of accounts and sessions, the number of swallowed requests.
    #[diesel(sql_type = Integer)]
    pub(super) amount: i32,
    /// When a link expires, a mail is given up, a job is due, a session was last used.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub(super) until: Option<UtcTime>,
    /// When the row came to its end; of a job when its lease does.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub(super) ended_at: Option<UtcTime>,
}

const ROWS: &str = "
    SELECT 'account' AS part, id, CAST(NULL AS TEXT) AS parent, password_hash AS state, CAST(NULL AS TEXT) AS provider,
        session_epoch AS amount, CAST(NULL AS TIMESTAMP) AS until, closed_at AS ended_at
        FROM accounts WHERE customer_number = 'NUMBER'
    UNION ALL SELECT 'request', id, NULL, outcome, NULL, 0, requested_at, NULL
        FROM reset_requests WHERE customer_number = 'NUMBER'
    UNION ALL SELECT 'swallowed', '', NULL, outcome, NULL, CAST(requests AS INTEGER), NULL, NULL
        FROM swallowed_requests WHERE customer_number = 'NUMBER'
    UNION ALL SELECT 'link', id, reset_request_id, ended_because, NULL, 0, expires_at, ended_at
        FROM reset_links WHERE customer_number = 'NUMBER'
    UNION ALL SELECT 'mail', mails.id, mails.reset_link_id, mails.status, mails.provider, mails.attempts,
        mails.serve_until, mails.finished_at
        FROM mails JOIN accounts ON accounts.id = mails.account_id WHERE accounts.customer_number = 'NUMBER'
    UNION ALL SELECT 'session', sessions.id, NULL, NULL, NULL, sessions.session_epoch, sessions.last_used_at,
        sessions.ended_at
        FROM sessions JOIN accounts ON accounts.id = sessions.account_id WHERE accounts.customer_number = 'NUMBER'
    UNION ALL SELECT 'job', id, payload, NULL, NULL, attempts, run_at, lease_until FROM jobs";

/// The rows of one customer at one moment, and every job.
#[derive(Debug, Clone, Default)]
pub(super) struct Picture {
    rows: Vec<Row>,
}

impl Picture {
    /// What the tables hold now of the customer with this number.
    pub(super) fn take(connection: &mut DirectConnection, number: &str) -> Self {
        Self { rows: connection.rows(&ROWS.replace("NUMBER", number)) }
    }

    fn of<'a>(&'a self, part: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.part == part)
    }

    pub(super) fn account(&self) -> &Row {
        self.of("account").next().expect("the account is there")
    }

    pub(super) fn requests(&self) -> impl Iterator<Item = &Row> {
        self.of("request")
    }

    pub(super) fn request(&self, id: &str) -> Option<&Row> {
        self.requests().find(|row| row.id == id)
    }

    pub(super) fn swallowed(&self) -> i32 {
        self.of("swallowed").map(|row| row.amount).sum()
    }

    pub(super) fn links_of(&self, request: &str) -> Vec<&Row> {
        self.of("link").filter(|row| row.parent.as_deref() == Some(request)).collect()
    }

    pub(super) fn mail(&self, id: &str) -> Option<&Row> {
        self.of("mail").find(|row| row.id == id)
    }

    pub(super) fn mail_of(&self, link: &str) -> Option<&Row> {
        self.of("mail").find(|row| row.parent.as_deref() == Some(link))
    }

    /// The mails without a link. All of them tell of new passwords.
    pub(super) fn notices(&self) -> impl Iterator<Item = &Row> {
        self.of("mail").filter(|row| row.parent.is_none())
    }

    pub(super) fn sessions(&self) -> impl Iterator<Item = &Row> {
        self.of("session")
    }

    pub(super) fn jobs(&self) -> impl Iterator<Item = &Row> {
        self.of("job")
    }

    /// The job about a request or a mail.
    pub(super) fn job_about(&self, id: &str) -> Option<&Row> {
        self.jobs().find(|row| row.parent.as_ref().is_some_and(|payload| payload.contains(id)))
    }
}
