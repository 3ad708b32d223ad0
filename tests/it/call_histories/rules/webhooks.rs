//! Every published event reaches the endpoint under its id, and what was acknowledged to a caller is among the events.

use std::collections::{BTreeMap, BTreeSet};

use super::arrivals::{changed, sent_again};
use crate::{
    call_histories::{
        final_tables::EventRow,
        history::{Act, Call, Disturbance, History, Micros, Seen, Webhook, by_hand},
    },
    support::plain_tests,
};

plain_tests![
    op_02_the_checker_finds_a_webhook_that_is_lost_or_sent_twice,
    op_02_the_checker_finds_an_act_without_an_event,
    op_02_the_checker_finds_events_out_of_order,
];

/// The published events of the run.
fn published(history: &History) -> impl Iterator<Item = &EventRow> {
    history.tables.published().into_iter().skip(history.events_before)
}

pub(super) fn missing(history: &History) -> Vec<String> {
    let taken: BTreeSet<&str> =
        history.webhooks.iter().filter(|one| one.is_taken).map(|one| one.id.as_str()).collect();
    published(history)
        .filter(|event| !taken.contains(event.id.as_str()))
        .map(|event| format!("{event:?}"))
        .collect()
}

/// The sessions that events tell of, by the kind of event.
fn told_sessions(history: &History) -> BTreeMap<(&str, String), &EventRow> {
    let told = published(history).filter_map(|event| {
        let data: serde_json::Value = serde_json::from_str(&event.data).ok()?;
        Some(((event.kind.as_str(), data["session_id"].as_str()?.to_owned()), event))
    });
    told.collect()
}

/// The event that a call about a session has to have.
fn event_of(call: &Call) -> Option<(&'static str, String)> {
    match (&call.act, &call.seen) {
        (Act::SignIn { .. }, Seen::Issued { session, .. }) => Some(("session.started", session.clone())),
        (Act::SignOut { session }, _) if call.is_done() => Some(("session.ended", session.clone())),
        _ => None,
    }
}

/// The kind of event that a call about an account has to have at least once.
fn kind_of(call: &Call) -> Option<(&str, &'static str)> {
    match &call.act {
        Act::Complete { number, .. } => Some((number, "password.changed")),
        Act::Close { number } => Some((number, "account.closed")),
        Act::Reopen { number } => Some((number, "account.reopened")),
        _ => None,
    }
}

pub(super) fn untold(history: &History) -> Vec<String> {
    let sessions = told_sessions(history);
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for event in published(history) {
        *counts.entry((&event.account, &event.kind)).or_default() += 1;
    }
    let of_sessions =
        history.calls.iter().filter(|call| event_of(call).is_some_and(|of| !sessions.contains_key(&of)));
    let mut found: Vec<String> = of_sessions.map(|call| format!("{call:?}")).collect();
    let mut done: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for call in history.calls.iter().filter(|call| call.is_done()) {
        if let Some((number, kind)) = kind_of(call) {
            let count = done.entry((&history.customers[number].account, kind)).or_default();
            // A closed access that is closed again tells nothing.
            *count = if kind == "password.changed" { *count + 1 } else { 1 };
        }
    }
    let fewer = done.into_iter().filter(|(of, count)| counts.get(of).copied().unwrap_or(0) < *count);
    found.extend(fewer.map(|((account, kind), count)| format!("{account} has fewer than {count} of {kind}")));
    found
}

pub(super) fn out_of_order(history: &History) -> Vec<String> {
    let sessions = told_sessions(history);
    let inverted = sessions.iter().filter_map(|((kind, session), ended)| {
        let started = sessions.get(&("session.started", session.clone()))?;
        (*kind == "session.ended" && ended.position < started.position).then(|| format!("{ended:?}, {started:?}"))
    });
    inverted.collect()
}

fn event(position: u64, kind: &str, session: &str) -> EventRow {
    EventRow {
        id: format!("evt_{position}"),
        kind: kind.into(),
        account: "account".into(),
        data: format!(r#"{{"session_id":"{session}"}}"#),
        position: Some(position),
    }
}

fn op_02_the_checker_finds_a_webhook_that_is_lost_or_sent_twice() {
    let webhook = |at: Micros, checksum, is_taken| Webhook { at, id: "evt_1".into(), checksum, is_taken };
    let found = |webhooks: Vec<Webhook>, disturbances: Vec<Disturbance>| {
        let mut history = History { webhooks, disturbances, ..History::default() };
        history.tables.events = vec![event(1, "session.started", "s")];
        let arrived = &history.webhooks;
        (missing(&history).len(), sent_again(&history, arrived).len(), changed(arrived).len())
    };
    assert_eq!(found(vec![webhook(1, 7, true)], Vec::new()), (0, 0, 0));
    assert_eq!(found(vec![webhook(1, 7, false), webhook(2, 7, true)], Vec::new()), (0, 0, 0));
    assert_eq!(found(Vec::new(), Vec::new()), (1, 0, 0));
    assert_eq!(found(vec![webhook(1, 7, false)], Vec::new()), (1, 0, 0));
    assert_eq!(found(vec![webhook(1, 7, true), webhook(2, 7, true)], Vec::new()), (0, 1, 0));
    let kill = Disturbance { name: "kill", from: 1, until: 2 };
    assert_eq!(found(vec![webhook(1, 7, true), webhook(2, 8, true)], vec![kill]), (0, 0, 1));
}

fn op_02_the_checker_finds_an_act_without_an_event() {
    use by_hand::{close, complete, history, issued, sign_in};
    let calls = vec![
        (1, 2, sign_in("first"), issued("t")),
        (3, 4, complete("link", "second"), Seen::Status(200)),
        (5, 6, close(), Seen::Status(200)),
        (7, 8, close(), Seen::Status(200)),
    ];
    let mut history = history(calls);
    let kinds = ["session.started", "password.changed", "account.closed"];
    history.tables.events = (1..).zip(kinds).map(|(position, kind)| event(position, kind, "s")).collect();
    assert!(untold(&history).is_empty());
    for index in 0..kinds.len() {
        let mut without = history.clone();
        without.tables.events.remove(index);
        assert_eq!(untold(&without).len(), 1);
    }
}

fn op_02_the_checker_finds_events_out_of_order() {
    let found = |started, ended| {
        let mut history = History::default();
        history.tables.events = vec![event(started, "session.started", "s"), event(ended, "session.ended", "s")];
        out_of_order(&history).len()
    };
    assert_eq!((found(1, 2), found(2, 1)), (0, 1));
}
