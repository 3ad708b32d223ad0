//! A mail in the mailbox, and the two forms in which Mailpit shows it.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::types::UtcTime;

/// The body of `POST /api/v1/send`, as far as the mailbox reads it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendRequest {
    from: Address,
    to: Vec<Address>,
    #[serde(default)]
    reply_to: Vec<Address>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    subject: String,
    #[serde(default)]
    text: String,
    #[serde(default, rename = "HTML")]
    html: String,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Address {
    email: String,
    #[serde(default)]
    name: String,
}

#[derive(Clone)]
pub(super) struct StoredMail {
    pub(super) id: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) reply_to: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) subject: String,
    pub(super) received_at: String,
    pub(super) text: String,
    pub(super) html: String,
    from_address: Address,
    to_addresses: Vec<Address>,
    reply_to_addresses: Vec<Address>,
    tags: Vec<String>,
}

impl StoredMail {
    pub(super) fn new(request: SendRequest, id: String, now: UtcTime) -> Self {
        Self {
            id,
            from: format!("{} <{}>", request.from.name, request.from.email),
            to: joined(&request.to),
            reply_to: joined(&request.reply_to),
            headers: request.headers,
            subject: request.subject,
            received_at: now.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true),
            text: request.text,
            html: request.html,
            from_address: request.from,
            to_addresses: request.to,
            reply_to_addresses: request.reply_to,
            tags: request.tags,
        }
    }

    /// The form of a mail in `GET /api/v1/messages`.
    pub(super) fn summary(&self) -> Value {
        let mut view = self.common();
        insert(&mut view, "Created", self.received_at.clone().into());
        insert(&mut view, "Snippet", self.text.chars().take(200).collect::<String>().into());
        view
    }

    /// The answer of `GET /api/v1/message/{id}`.
    pub(super) fn full(&self) -> Value {
        let mut view = self.common();
        insert(&mut view, "Date", self.received_at.clone().into());
        insert(&mut view, "Text", self.text.clone().into());
        insert(&mut view, "HTML", self.html.clone().into());
        view
    }

    /// The answer of `GET /api/v1/message/{id}/headers`: the further fields, each with its values.
    pub(super) fn header_fields(&self) -> Value {
        self.headers.iter().map(|(name, value)| (name.clone(), json!([value]))).collect()
    }

    fn common(&self) -> Value {
        let address = |address: &Address| json!({ "Name": address.name, "Address": address.email });
        json!({
            "ID": self.id,
            "From": address(&self.from_address),
            "To": self.to_addresses.iter().map(address).collect::<Vec<_>>(),
            "ReplyTo": self.reply_to_addresses.iter().map(address).collect::<Vec<_>>(),
            "Subject": self.subject,
            "Tags": self.tags,
            "Size": self.text.len() + self.html.len(),
        })
    }
}

fn joined(addresses: &[Address]) -> String {
    addresses.iter().map(|address| address.email.as_str()).collect::<Vec<_>>().join(", ")
}

fn insert(view: &mut Value, key: &str, value: Value) {
    if let Some(object) = view.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}
