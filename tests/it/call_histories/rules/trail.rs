//! Every entry of the trail is sealed at one place, the places have no gaps, and what was acknowledged to a caller
//! has its entry.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    call_histories::{
        final_tables::EntryRow,
        history::{Act, Call, History, Outcome, Seen, by_hand},
    },
    support::plain_tests,
};

plain_tests![op_02_the_checker_finds_a_gap_in_the_trail, op_02_the_checker_finds_an_act_without_an_entry,];

pub(super) fn gaps(history: &History) -> Vec<String> {
    let tables = &history.tables;
    let mut seals: Vec<&(u64, String)> = tables.seals.iter().collect();
    seals.sort();
    let mut found: Vec<String> = Vec::new();
    let gap = (1..).zip(&seals).find(|(expected, (position, _))| expected != position);
    found.extend(gap.map(|(expected, seal)| format!("{seal:?} is at the place {expected}")));
    let entries: BTreeSet<&str> = tables.entries.iter().map(|entry| entry.id.as_str()).collect();
    let mut sealed = BTreeSet::new();
    for (position, entry) in &seals {
        if !sealed.insert(entry.as_str()) {
            found.push(format!("{entry} is sealed again at {position}"));
        }
        if !entries.contains(entry.as_str()) {
            found.push(format!("{entry} is sealed at {position} and is gone"));
        }
    }
    let unsealed = entries.difference(&sealed).filter(|id| !tables.waiting.iter().any(|waiting| waiting == **id));
    found.extend(unsealed.map(|entry| format!("{entry} is not sealed")));
    found
}

/// The entry that a call about a session has to have once.
fn entry_of(call: &Call) -> Option<(&'static str, &str)> {
    match (&call.act, &call.seen) {
        (Act::SignIn { .. }, Seen::Issued { session, .. }) => Some(("authn_login_success", session)),
        (Act::SignOut { session }, _) if call.is_done() => Some(("authn_token_revoked", session)),
        _ => None,
    }
}

pub(super) fn untold(history: &History) -> Vec<String> {
    let mut of_sessions: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut of_accounts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for entry in &history.tables.entries {
        *of_sessions.entry((&entry.event, &entry.session)).or_default() += 1;
        *of_accounts.entry((&entry.event, &entry.account)).or_default() += 1;
    }
    let expected: BTreeSet<(&str, &str)> = history.calls.iter().filter_map(entry_of).collect();
    let wrong = expected.iter().filter(|of| of_sessions.get(*of) != Some(&1));
    let mut found: Vec<String> =
        wrong.map(|of| format!("{of:?} has {:?} entries", of_sessions.get(of).unwrap_or(&0))).collect();
    let mut uses: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for call in &history.calls {
        let Act::Complete { number, .. } = &call.act else { continue };
        let (done, unknown) = uses.entry(&history.customers[number].account).or_default();
        *done += usize::from(call.outcome() == Outcome::Done);
        *unknown += usize::from(call.outcome() == Outcome::Unknown);
    }
    for (account, (done, unknown)) in uses {
        let told = of_accounts.get(&("reset_consumed", account)).copied().unwrap_or(0);
        if told < done || told > done + unknown {
            found.push(format!("{account} has used {done} links and perhaps {unknown}, and {told} are told of"));
        }
    }
    found
}

fn entry(id: &str, event: &str) -> EntryRow {
    EntryRow { id: id.into(), event: event.into(), account: "account".into(), session: "s".into() }
}

fn op_02_the_checker_finds_a_gap_in_the_trail() {
    let found = |entries: &[&str], seals: &[(u64, &str)]| {
        let mut history = History::default();
        history.tables.entries = entries.iter().map(|id| entry(id, "authn_login_success")).collect();
        history.tables.seals = seals.iter().map(|(position, id)| (*position, (*id).to_owned())).collect();
        gaps(&history).len()
    };
    assert_eq!(found(&["a", "b"], &[(2, "b"), (1, "a")]), 0);
    assert_eq!(found(&["a", "b"], &[(1, "a")]), 1, "an entry is not sealed");
    assert_eq!(found(&["a"], &[(1, "a"), (2, "b")]), 1, "an entry is gone");
    assert_eq!(found(&["a", "b"], &[(1, "a"), (3, "b")]), 1, "a place is empty");
    assert_eq!(found(&["a"], &[(1, "a"), (2, "a")]), 1, "an entry is sealed twice");
}

fn op_02_the_checker_finds_an_act_without_an_entry() {
    use by_hand::{complete, history, issued, sign_in};
    let found = |used: Seen, events: &[&str]| {
        let calls = vec![(1, 2, sign_in("first"), issued("t")), (3, 4, complete("link", "second"), used)];
        let mut history = history(calls);
        history.tables.entries = events.iter().map(|event| entry(event, event)).collect();
        untold(&history).len()
    };
    let done = || Seen::Status(200);
    assert_eq!(found(done(), &["authn_login_success", "reset_consumed"]), 0);
    assert_eq!(found(done(), &["reset_consumed"]), 1);
    assert_eq!(found(done(), &["authn_login_success"]), 1);
    assert_eq!(found(done(), &["authn_login_success", "authn_login_success", "reset_consumed"]), 1);
    assert_eq!(found(Seen::Nothing, &["authn_login_success"]), 0);
    assert_eq!(found(Seen::Nothing, &["authn_login_success", "reset_consumed"]), 0);
    assert_eq!(found(Seen::Status(410), &["authn_login_success", "reset_consumed"]), 1);
}
