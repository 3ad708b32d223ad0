//! A link sets one password. It ends with that, with the use of another link of its account, when it is withdrawn,
//! and when access is closed.

use std::collections::BTreeMap;

use crate::{
    call_histories::history::{Act, Call, History, Mail, Micros, Seen, by_hand},
    support::plain_tests,
};

plain_tests![
    op_02_the_checker_finds_a_link_that_is_used_twice,
    op_02_the_checker_finds_a_link_that_serves_after_its_end,
    op_02_the_checker_finds_a_live_link_that_is_refused,
];

pub(super) fn used_twice(history: &History) -> Vec<String> {
    let mut uses: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for call in history.calls.iter().filter(|call| call.is_done()) {
        if let Act::Complete { token, .. } = &call.act {
            uses.entry(token).or_default().push(call);
        }
    }
    uses.values().filter(|calls| calls.len() > 1).map(|calls| format!("{calls:?}")).collect()
}

/// The calls about one customer number and its links.
struct Owned<'a> {
    calls: Vec<&'a Call>,
}

/// The token that a call presents.
fn token_of(call: &Call) -> Option<&str> {
    match &call.act {
        Act::Verify { token, .. } | Act::Withdraw { token, .. } | Act::Complete { token, .. } => Some(token),
        _ => None,
    }
}

fn by_number(history: &History) -> BTreeMap<&str, Owned<'_>> {
    let mut owned: BTreeMap<&str, Owned<'_>> = BTreeMap::new();
    for call in &history.calls {
        let (Act::Verify { number, .. }
        | Act::Withdraw { number, .. }
        | Act::Complete { number, .. }
        | Act::Close { number }) = &call.act
        else {
            continue;
        };
        owned.entry(number).or_insert_with(|| Owned { calls: Vec::new() }).calls.push(call);
    }
    owned
}

/// When the mail of each link first arrived.
fn arrivals(history: &History) -> BTreeMap<&str, &Mail> {
    let mut arrivals = BTreeMap::new();
    for mail in &history.mails {
        if let Some(token) = &mail.token {
            arrivals.entry(token.as_str()).or_insert(mail);
        }
    }
    arrivals
}

/// Whether a call ends a link that was made by a time.
fn ends(call: &Call, token: &str, made: Micros) -> bool {
    match &call.act {
        Act::Withdraw { token: of, .. } => of == token,
        Act::Complete { token: of, .. } if of == token => true,
        Act::Complete { .. } | Act::Close { .. } => made < call.began,
        _ => false,
    }
}

pub(super) fn dead_and_served(history: &History) -> Vec<String> {
    let arrivals = arrivals(history);
    let mut found = Vec::new();
    for owned in by_number(history).values() {
        let ending: Vec<&&Call> = owned.calls.iter().filter(|call| call.is_done()).collect();
        for call in owned.calls.iter().filter(|call| call.is_done()) {
            let Some(token) = token_of(call) else { continue };
            let made = arrivals.get(token).map_or(0, |mail| mail.at);
            let end = ending.iter().find(|end| end.ended < call.began && ends(end, token, made));
            found.extend(end.map(|end| format!("{call:?} after {end:?}")));
        }
    }
    found
}

/// The links live for an hour, which is longer than a run.
pub(super) fn live_and_refused(history: &History) -> Vec<String> {
    let arrivals = arrivals(history);
    let mut found = Vec::new();
    for owned in by_number(history).values() {
        for call in &owned.calls {
            let (Some(token), Some(410)) = (token_of(call), call.status()) else { continue };
            let Some(mail) = arrivals.get(token).filter(|mail| mail.at < call.began) else { continue };
            // A link may be ended between its making and the arrival of its mail.
            let may_be_ended = owned.calls.iter().any(|end| {
                end.may_be_done() && end.began < call.ended && ends(end, token, 0) && !is_over(end, mail, token)
            });
            if !may_be_ended {
                found.push(format!("{call:?} of {mail:?}"));
            }
        }
    }
    found
}

/// How long a link may have been made before its mail arrives: no mail waits for longer.
const LONGEST_WAIT: Micros = 30 * 60 * 1_000_000;

/// Whether a call about another link was over before this one can have been made.
fn is_over(end: &Call, mail: &Mail, token: &str) -> bool {
    token_of(end) != Some(token) && end.settled() < mail.at.saturating_sub(LONGEST_WAIT)
}

fn op_02_the_checker_finds_a_link_that_is_used_twice() {
    use by_hand::{complete, history};
    let twice = |seen| {
        let calls = vec![
            (1, 5, complete("link", "second"), Seen::Status(200)),
            (2, 6, complete("link", "third"), seen),
            (2, 6, complete("other", "fourth"), Seen::Status(200)),
        ];
        used_twice(&history(calls)).len()
    };
    assert_eq!(twice(Seen::Status(200)), 1);
    assert_eq!((twice(Seen::Status(410)), twice(Seen::Nothing)), (0, 0));
}

fn mail(at: Micros, token: &str) -> Mail {
    let token = Some(token.to_owned());
    Mail { at, key: "key".into(), token, checksum: 0, is_taken: true }
}

fn op_02_the_checker_finds_a_link_that_serves_after_its_end() {
    use by_hand::{close, complete, history, verify};
    let served = |end: Act, seen: Seen, arrived: Micros, from: Micros| {
        let mut history = history(vec![(10, 20, end, seen), (from, from + 1, verify("link"), Seen::Status(200))]);
        history.mails.push(mail(arrived, "link"));
        dead_and_served(&history).len()
    };
    let done = || Seen::Status(200);
    assert_eq!(served(complete("link", "second"), done(), 1, 21), 1);
    assert_eq!(served(complete("other", "second"), done(), 1, 21), 1, "another link has set the password");
    assert_eq!(served(close(), done(), 1, 21), 1);
    assert_eq!(served(complete("other", "second"), done(), 15, 21), 0, "the link may be younger than the password");
    assert_eq!(served(complete("link", "second"), done(), 1, 19), 0, "at the same time");
    assert_eq!(served(complete("link", "second"), Seen::Nothing, 1, 21), 0);
    assert_eq!(served(complete("link", "second"), Seen::Status(410), 1, 21), 0);
}

fn op_02_the_checker_finds_a_live_link_that_is_refused() {
    use by_hand::{complete, history, verify};
    let refused = |more: Vec<(Micros, Micros, Act, Seen)>, arrived: Micros| {
        let mut calls = vec![(30, 31, verify("link"), Seen::Status(410))];
        calls.extend(more);
        let mut history = history(calls);
        history.mails.push(mail(arrived, "link"));
        live_and_refused(&history).len()
    };
    assert_eq!(refused(Vec::new(), 1), 1);
    assert_eq!(refused(Vec::new(), 30), 0, "the mail had not arrived");
    assert_eq!(refused(vec![(10, 20, complete("other", "second"), Seen::Nothing)], 1), 0);
    assert_eq!(refused(vec![(10, 20, complete("other", "second"), Seen::Status(410))], 1), 1);
    assert_eq!(refused(vec![(40, 50, complete("other", "second"), Seen::Status(200))], 1), 1, "later");
}
