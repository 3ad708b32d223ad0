//! A session ends when it is signed out, when another password is set and when access is closed, and for no other
//! reason but the reuse of a refresh token.

use std::collections::BTreeMap;

use super::passwords::{Write, writes};
use crate::{
    call_histories::history::{Act, Call, History, Micros, Seen, by_hand},
    support::plain_tests,
};

plain_tests![
    op_02_the_checker_finds_a_session_that_outlives_its_end,
    op_02_the_checker_finds_a_session_that_is_lost,
];

/// A session that a caller was given.
struct Session<'a> {
    number: &'a str,
    password: &'a str,
    signed_in: &'a Call,
    /// The calls with its tokens.
    calls: Vec<&'a Call>,
}

fn sessions(history: &History) -> BTreeMap<&str, Session<'_>> {
    let mut sessions = BTreeMap::new();
    for call in &history.calls {
        if let (Act::SignIn { number, password }, Seen::Issued { session, .. }) = (&call.act, &call.seen) {
            sessions.insert(session.as_str(), Session { number, password, signed_in: call, calls: Vec::new() });
        }
    }
    for call in &history.calls {
        let (Act::Refresh { session, .. } | Act::SignOut { session } | Act::ReadAccount { session }) = &call.act
        else {
            continue;
        };
        if let Some(session) = sessions.get_mut(session.as_str()) {
            session.calls.push(call);
        }
    }
    sessions
}

/// The calls that end or replace something of a whole account, by its number.
fn acts_on_accounts(history: &History) -> BTreeMap<&str, Vec<&Call>> {
    let mut acts: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for call in &history.calls {
        if let Act::Close { number } | Act::Complete { number, .. } = &call.act {
            acts.entry(number).or_default().push(call);
        }
    }
    acts
}

impl Session<'_> {
    /// The first time by which it has ended for sure, and why.
    fn end(&self, acts: &[&Call], writes: &[Write<'_>]) -> Option<(Micros, String)> {
        let signed_out = self.calls.iter().filter(|call| matches!(call.act, Act::SignOut { .. }) && call.is_done());
        let closed = acts.iter().filter(|call| {
            matches!(call.act, Act::Close { .. }) && call.is_done() && call.began > self.signed_in.ended
        });
        let by_calls = signed_out.chain(closed).map(|call| (call.ended, format!("{call:?}")));
        let own = writes.iter().find(|write| write.password == self.password);
        let replaced = writes.iter().filter(|write| write.is_certain && own.is_some_and(|own| write.is_after(own)));
        by_calls.chain(replaced.map(|write| (write.ended, format!("{write:?}")))).min()
    }

    /// Whether something may have ended it by a time.
    fn may_have_ended(&self, acts: &[&Call], by: Micros) -> bool {
        let signed_out = self.calls.iter().filter(|call| matches!(call.act, Act::SignOut { .. }));
        let ending = signed_out.chain(acts).filter(|call| call.may_be_done());
        let mut ending = ending.filter(|call| call.settled() > self.signed_in.began);
        ending.any(|call| call.began < by) || self.may_count_as_stolen(by)
    }

    /// Whether a refresh token was presented late or often enough to end the session (JW-09).
    fn may_count_as_stolen(&self, by: Micros) -> bool {
        const REPEATS: usize = 4;
        const GRACE: Micros = 45_000_000;
        let mut first = BTreeMap::new();
        let mut repeats = 0;
        for call in self.calls.iter().filter(|call| call.began < by) {
            let Act::Refresh { token, .. } = &call.act else { continue };
            let began = *first.entry(token.as_str()).or_insert(call.began);
            if began < call.began {
                repeats += 1;
                if call.ended - began > GRACE {
                    return true;
                }
            }
        }
        repeats > REPEATS
    }

    /// Whether a call presents a refresh token that no call has presented before.
    fn is_first_of_its_token(&self, call: &Call) -> bool {
        let Act::Refresh { token, .. } = &call.act else { return true };
        !self.calls.iter().any(|other| {
            matches!(&other.act, Act::Refresh { token: of, .. } if of == token)
                && !std::ptr::eq(*other, call)
                && other.began < call.ended
        })
    }
}

pub(super) fn ended_and_served(history: &History) -> Vec<String> {
    let (acts, writes) = (acts_on_accounts(history), writes(history));
    let mut found = Vec::new();
    for session in sessions(history).values() {
        let acts = acts.get(session.number).map_or(&[][..], Vec::as_slice);
        let Some((ended, because)) = session.end(acts, &writes[session.number]) else { continue };
        let served = session.calls.iter().filter(|call| call.is_done() && call.began > ended);
        found.extend(served.map(|call| format!("{call:?} after {because}")));
    }
    found
}

pub(super) fn live_and_refused(history: &History) -> Vec<String> {
    let acts = acts_on_accounts(history);
    let mut found = Vec::new();
    for session in sessions(history).values() {
        let acts = acts.get(session.number).map_or(&[][..], Vec::as_slice);
        let refused = session.calls.iter().filter(|call| call.status() == Some(401));
        let wrong =
            refused.filter(|call| session.is_first_of_its_token(call) && !session.may_have_ended(acts, call.ended));
        found.extend(wrong.map(|call| format!("{call:?}")));
    }
    found
}

fn op_02_the_checker_finds_a_session_that_outlives_its_end() {
    use by_hand::{close, complete, history, issued, read_account, refresh, sign_in, sign_out};
    let served = |end: Act, seen: Seen, from: Micros| {
        let calls = vec![
            (1, 2, sign_in("first"), issued("one")),
            (10, 20, end, seen),
            (from, from + 1, read_account(), Seen::Status(200)),
            (from, from + 1, refresh("one"), issued("two")),
        ];
        ended_and_served(&history(calls)).len()
    };
    assert_eq!(served(sign_out(), Seen::Status(204), 21), 2);
    assert_eq!(served(complete("link", "second"), Seen::Status(200), 21), 2);
    assert_eq!(served(close(), Seen::Status(200), 21), 2);
    assert_eq!(served(sign_out(), Seen::Status(204), 20), 0, "at the same time");
    assert_eq!(served(sign_out(), Seen::Nothing, 21), 0);
    assert_eq!(served(complete("link", "second"), Seen::Status(410), 21), 0);
    let overlapping = vec![
        (1, 2, complete("link", "second"), Seen::Status(200)),
        (3, 9, sign_in("second"), issued("one")),
        (4, 8, complete("other", "third"), Seen::Status(200)),
        (10, 11, read_account(), Seen::Status(200)),
    ];
    assert_eq!(
        ended_and_served(&history(overlapping)).len(),
        1,
        "the session rests on a password that was replaced"
    );
}

fn op_02_the_checker_finds_a_session_that_is_lost() {
    use by_hand::{close, history, issued, read_account, refresh, sign_in, sign_out};
    let refused = |more: Vec<(Micros, Micros, Act, Seen)>, act: Act| {
        let mut calls = vec![(1, 2, sign_in("first"), issued("one"))];
        calls.extend(more);
        calls.push((90, 91, act, Seen::Status(401)));
        live_and_refused(&history(calls)).len()
    };
    assert_eq!(refused(Vec::new(), read_account()), 1);
    assert_eq!(refused(Vec::new(), refresh("one")), 1);
    assert_eq!(refused(vec![(3, 4, sign_out(), Seen::Nothing)], refresh("one")), 0);
    assert_eq!(refused(vec![(3, 4, close(), Seen::Status(200))], read_account()), 0);
    let used = |times: u64| (0..times).map(|at| (10 + at, 11 + at, refresh("one"), issued("two"))).collect();
    assert_eq!(refused(used(1), refresh("one")), 0, "the token was used before");
    assert_eq!(refused(used(1), refresh("two")), 1);
    assert_eq!(refused(used(6), refresh("two")), 0, "it was repeated too often");
}
