//! Rows of the tables that tests read most, the oldest first. Their columns are texts, and an empty text stands for
//! NULL.

use stakis_identity::config::DatabaseUrl;

use super::{TestApp, rows::rows_in};

macro_rules! record {
    ($(#[$doc:meta])* $name:ident of $table:literal: $($column:ident),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct $name {
            $(pub(crate) $column: String,)+
        }

        impl $name {
            /// Every row of the table.
            pub(crate) fn all(url: &DatabaseUrl) -> Vec<Self> {
                let rows = rows_in(url, $table, &[$(stringify!($column)),+]);
                rows.into_iter()
                    .map(|row| {
                        let mut columns = row.into_iter();
                        Self { $($column: columns.next().unwrap(),)+ }
                    })
                    .collect()
            }
        }
    };
}

record! {
    /// An entry of the audit trail.
    AuditLine of "audit_events": event, detail, actor, customer_number, account_id, source, request_id, session_id
}

record! {
    /// A mail as the service stores it.
    MailRow of "mails":
        id, kind, recipient, status, attempts, last_error, created_at, provider, provider_message_id, delivery,
        bounce_cause
}

record! {
    /// A queued job.
    JobRow of "jobs": id, payload
}

record! {
    /// An address that gets no mail for a while, with the reason.
    SuppressionRow of "suppressions": reason, address
}

record! {
    /// A request for a reset, with what the worker made of it.
    ResetRequestRow of "reset_requests": customer_number, outcome
}

record! {
    /// The requests of one hour and number that had no effect, with the reason and their number.
    SwallowedRequests of "swallowed_requests": customer_number, outcome, requests
}

impl TestApp {
    /// The entries of the audit trail.
    pub(crate) fn audit(&self) -> Vec<AuditLine> {
        AuditLine::all(&self.database.url)
    }

    /// The number of entries in the audit trail about an event.
    pub(crate) fn events(&self, event: &str) -> usize {
        self.audit().iter().filter(|line| line.event == event).count()
    }

    /// Every mail that the service has ever queued.
    pub(crate) fn mail_rows(&self) -> Vec<MailRow> {
        MailRow::all(&self.database.url)
    }

    /// The only mail that the service has queued.
    #[track_caller]
    pub(crate) fn only_mail(&self) -> MailRow {
        let mut mails = self.mail_rows();
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.remove(0)
    }

    /// Every job in the queue.
    pub(crate) fn job_rows(&self) -> Vec<JobRow> {
        JobRow::all(&self.database.url)
    }

    /// The addresses that get no mail.
    pub(crate) fn suppressions(&self) -> Vec<SuppressionRow> {
        SuppressionRow::all(&self.database.url)
    }

    /// The values of one column of a table.
    pub(crate) fn column(&self, table: &str, name: &str) -> Vec<String> {
        column(&self.database.url, table, name)
    }
}

/// The values of one column of a table, where there is no [`TestApp`].
pub(crate) fn column(url: &DatabaseUrl, table: &str, name: &str) -> Vec<String> {
    rows_in(url, table, &[name]).into_iter().flatten().collect()
}
