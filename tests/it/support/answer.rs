//! The answers of the service, and what tests assert about them.

use std::{
    collections::BTreeMap,
    fmt::{self, Display},
};

use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

use super::PUBLIC_URL;

/// An answer with its whole body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Fails with the whole answer unless it has this status.
    #[track_caller]
    pub(crate) fn assert_status(&self, status: u16) {
        assert_eq!(self.status, status, "{self}");
    }

    /// Does the same as [`Answer::assert_status`]. The note says which of many answers it was, or why it matters.
    #[track_caller]
    pub(crate) fn assert_status_with(&self, status: u16, note: impl Display) {
        assert_eq!(self.status, status, "{note}\n{self}");
    }

    /// The `pointer code` of every field error.
    pub(crate) fn field_errors(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("no field errors: {body}"));
        errors
            .iter()
            .map(|error| format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()))
            .collect()
    }

    /// Fails unless this is a problem of that code and status, with all fields (AP-01).
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, slug: &str) {
        self.assert_status(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body = self.json();
        assert_eq!(body["code"], slug);
        assert_eq!(body["status"], status);
        assert_eq!(body["type"], format!("{PUBLIC_URL}/problems/{slug}"));
        assert!(body["title"].is_string() && body["detail"].is_string());
        assert_eq!(body["request_id"], self.header("x-request-id"));
    }

    /// Does what [`Answer::assert_problem`] does, for a link that cannot be used, and compares the reason.
    #[track_caller]
    pub(crate) fn assert_link_unusable(&self, reason: &str) {
        self.assert_problem(410, "reset-link-unusable");
        assert_eq!(self.json()["reason"], reason);
    }

    /// The parts that a stranger can compare: status, header names and values, body. The id and the date are left out,
    /// since they differ in every answer.
    pub(crate) fn comparable(&self) -> (u16, BTreeMap<String, String>, String) {
        let headers = self
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let text = self.text.replace(self.header("x-request-id"), "");
        (self.status, headers, text)
    }
}

impl Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "status: {}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(formatter, "{name}: {}", value.to_str().unwrap_or("(no text)"))?;
        }
        write!(formatter, "\n{}", self.text)
    }
}

/// A member that must be a text.
#[track_caller]
pub(crate) fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}"))
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("the service answers");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}
