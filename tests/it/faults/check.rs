//! What has to hold after every fault: nothing that was accepted is lost, and nothing is done twice.

use std::{collections::BTreeSet, fmt};

use serde_json::json;

use super::{
    load::{Load, Seen, Session, seen},
    site::Site,
};
use crate::support::{AuditLine, MailRow, ResetRequestRow};

/// The most sessions that are asked after; each is one call.
const SESSIONS: usize = 200;

/// What was kept, by its number.
pub(super) struct Kept {
    mails: usize,
    /// Hand-overs beyond the first one of a mail, under its own idempotency key.
    again: usize,
    sessions: usize,
    links: usize,
}

impl fmt::Display for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mails, again, sessions, links } = self;
        write!(formatter, "mails {mails} (again: {again}), sessions {sessions}, links {links}")
    }
}

pub(super) async fn check(site: &Site, load: &Load) -> Kept {
    let mails = check_mails(site, load);
    let sessions = check_sessions(load).await;
    let links = check_links(load).await;
    Kept { mails, again: site.received.reset_mails().len() - mails, sessions, links }
}

/// Each accepted request of a customer ends in one mail, and the tables say the same as the mail API.
fn check_mails(site: &Site, load: &Load) -> usize {
    let keys = site.received.keys();
    let requests = ResetRequestRow::all(&site.url);
    for number in load.accepted.lock().unwrap().keys() {
        let outcomes: Vec<&str> = requests
            .iter()
            .filter(|request| request.customer_number == *number)
            .map(|request| request.outcome.as_str())
            .collect();
        assert!(!outcomes.is_empty(), "the accepted request of {number} is lost");
        assert!(outcomes.contains(&"link_made"), "{number}: {outcomes:?}");
        assert!(keys.contains_key(number), "no mail went to {number}, whose requests ended in {outcomes:?}");
    }
    for (number, keys) in &keys {
        assert_eq!(keys.len(), 1, "{number} has got more than one mail: {keys:?}");
    }
    assert!(requests.iter().all(|request| !request.outcome.is_empty()), "a request has no outcome");
    let rows: Vec<MailRow> = MailRow::all(&site.url);
    let handed_over = |mail: &&MailRow| mail.status == "handed_over";
    let sent: BTreeSet<&str> = keys.values().flatten().map(String::as_str).collect();
    for mail in rows.iter().filter(|mail| mail.kind == "reset_link") {
        // Where a hand-over was not recorded and the owner has used the link since, there is nothing to send again.
        let is_known = mail.status == "handed_over" || mail.status == "dropped";
        assert!(is_known && sent.contains(mail.id.as_str()), "the mail API has not got {mail:?}");
    }
    let stored = rows.iter().filter(|mail| mail.kind == "reset_link").count();
    assert_eq!(stored, sent.len(), "the mail API has got mails that are not stored");
    let told = AuditLine::all(&site.url).iter().filter(|line| line.event == "mail_handed_over").count();
    assert_eq!(told, rows.iter().filter(handed_over).count(), "the trail tells of each mail once");
    sent.len()
}

/// Each session that was acknowledged goes on.
async fn check_sessions(load: &Load) -> usize {
    let sessions: Vec<Session> = load.sessions.lock().unwrap().iter().rev().take(SESSIONS).cloned().collect();
    assert!(!sessions.is_empty(), "nobody has signed in");
    for session in &sessions {
        let url = load.balancer.next().join("v1/sessions/refresh").unwrap();
        let body = json!({ "refresh_token": session.refresh_token });
        let (answer, body) = seen(load.client.post(url).json(&body)).await;
        assert_eq!(answer, Seen::Status(200), "a session is lost: {body}");
    }
    sessions.len()
}

/// No link has served twice, and the owner's new password is the one that counts.
async fn check_links(load: &Load) -> usize {
    let links = load.links.lock().unwrap().clone();
    for (number, successes) in &links {
        assert!(*successes <= 1, "the link to {number} was used {successes} times");
        let url = load.balancer.next().join("v1/sessions").unwrap();
        let body = json!({ "customer_number": number, "password": super::links::PASSWORD });
        let (answer, body) = seen(load.client.post(url).json(&body)).await;
        assert_eq!(answer, Seen::Status(201), "the new password of {number} is lost: {body}");
    }
    links.len()
}
