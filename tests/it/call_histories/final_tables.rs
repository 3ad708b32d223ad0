//! The tables once nothing waits any more, as far as the rules ask for them.

use std::collections::BTreeMap;

use stakis_identity::config::DatabaseUrl;

use crate::support::rows_in;

#[derive(Debug, Clone, Default)]
pub(super) struct FinalTables {
    pub(super) requests: Vec<RequestRow>,
    /// How many requests of each number were counted, and led to nothing of their own.
    pub(super) swallowed: BTreeMap<String, usize>,
    pub(super) links: Vec<LinkRow>,
    pub(super) mails: Vec<MailRow>,
    pub(super) refresh_tokens: Vec<TokenRow>,
    pub(super) entries: Vec<EntryRow>,
    /// The positions of the sealed trail, each with the id of its entry.
    pub(super) seals: Vec<(u64, String)>,
    pub(super) events: Vec<EventRow>,
    /// What waits: jobs, deliveries, entries without a seal, events without a position.
    pub(super) waiting: Vec<String>,
    pub(super) endpoint_description: String,
    /// What `audit verify` has said, where it has found something.
    pub(super) verification: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct RequestRow {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) outcome: String,
}

#[derive(Debug, Clone)]
pub(super) struct LinkRow {
    pub(super) id: String,
    pub(super) request: String,
}

#[derive(Debug, Clone)]
pub(super) struct MailRow {
    pub(super) id: String,
    pub(super) link: String,
    pub(super) status: String,
}

#[derive(Debug, Clone)]
pub(super) struct TokenRow {
    pub(super) session: String,
    pub(super) generation: u64,
    pub(super) is_used: bool,
}

#[derive(Debug, Clone)]
pub(super) struct EntryRow {
    pub(super) id: String,
    pub(super) event: String,
    pub(super) account: String,
    pub(super) session: String,
}

#[derive(Debug, Clone)]
pub(super) struct EventRow {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) account: String,
    /// The JSON of what it tells.
    pub(super) data: String,
    /// `None` until it is published.
    pub(super) position: Option<u64>,
}

impl FinalTables {
    pub(super) fn read(url: &DatabaseUrl) -> Self {
        let rows = |table: &str, columns: &[&str]| rows_in(url, table, columns).into_iter();
        let one = |table: &str, column: &str| rows(table, &[column]).map(|mut row| row.remove(0));
        let event = |row| {
            let [id, kind, account, data, position, decoy] = fields(row)?;
            let is_decoy = matches!(decoy.as_str(), "true" | "1");
            (!is_decoy).then(|| EventRow { id, kind, account, data, position: position.parse().ok() })
        };
        let columns = ["id", "event_type", "account_id", "data", "position", "decoy"];
        let events: Vec<EventRow> = rows("events", &columns).filter_map(event).collect();
        let mut swallowed = BTreeMap::new();
        for [number, count] in rows("swallowed_requests", &["customer_number", "requests"]).filter_map(fields) {
            *swallowed.entry(number).or_default() += count.parse::<usize>().unwrap();
        }
        let unpublished = events.iter().filter(|event| event.position.is_none()).map(|event| event.id.clone());
        let waiting = one("jobs", "payload")
            .chain(one("webhook_deliveries", "event_id"))
            .chain(one("audit_unsealed", "event_id"))
            .chain(unpublished)
            .collect();
        Self {
            requests: rows("reset_requests", &["id", "customer_number", "outcome"])
                .filter_map(fields)
                .map(|[id, number, outcome]| RequestRow { id, number, outcome })
                .collect(),
            swallowed,
            links: rows("reset_links", &["id", "reset_request_id"])
                .filter_map(fields)
                .map(|[id, request]| LinkRow { id, request })
                .collect(),
            mails: rows("mails", &["id", "reset_link_id", "status"])
                .filter_map(fields)
                .map(|[id, link, status]| MailRow { id, link, status })
                .collect(),
            refresh_tokens: rows("refresh_tokens", &["session_id", "generation", "used_at"])
                .filter_map(fields)
                .map(|[session, generation, used_at]| TokenRow {
                    session,
                    generation: generation.parse().unwrap(),
                    is_used: !used_at.is_empty(),
                })
                .collect(),
            entries: rows("audit_events", &["id", "event", "account_id", "session_id"])
                .filter_map(fields)
                .map(|[id, event, account, session]| EntryRow { id, event, account, session })
                .collect(),
            seals: rows("audit_seals", &["position", "event_id"])
                .filter_map(fields)
                .map(|[position, entry]| (position.parse().unwrap(), entry))
                .collect(),
            events,
            waiting,
            endpoint_description: one("webhook_endpoints", "description").next().unwrap_or_default(),
            verification: None,
        }
    }

    /// The published events, in their order.
    pub(super) fn published(&self) -> Vec<&EventRow> {
        let mut published: Vec<&EventRow> = self.events.iter().filter(|event| event.position.is_some()).collect();
        published.sort_by_key(|event| event.position);
        published
    }
}

/// The columns of a row, of which there are as many as were asked for.
fn fields<const COUNT: usize>(row: Vec<String>) -> Option<[String; COUNT]> {
    row.try_into().ok()
}
