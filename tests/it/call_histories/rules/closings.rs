//! Access is open or closed, as the last closing or reopening has left it.

use crate::{
    call_histories::history::{Act, Call, History, Seen, by_hand},
    support::plain_tests,
};

plain_tests![
    op_02_the_checker_finds_a_closed_access_that_lets_in,
    op_02_the_checker_finds_an_open_access_that_is_called_closed,
];

/// The status of the right password at a closed access.
const CLOSED: u16 = 403;

/// The sign-ins of a number that the test accepts, each with the last call before it that was done and is of the one
/// kind, where no call of the other kind can have come since.
fn contradicted(
    history: &History,
    is_meant: impl Fn(&Call) -> bool,
    is_last: fn(&Act, &str) -> bool,
    is_other: fn(&Act, &str) -> bool,
) -> Vec<(&Call, &Call)> {
    let mut found = Vec::new();
    for call in history.calls.iter().filter(|call| is_meant(call)) {
        let Act::SignIn { number, .. } = &call.act else { continue };
        let before = history
            .calls
            .iter()
            .filter(|last| last.is_done() && last.ended < call.began && is_last(&last.act, number));
        let Some(last) = before.max_by_key(|last| last.began) else { continue };
        let may_have_changed = history.calls.iter().any(|other| {
            is_other(&other.act, number)
                && other.may_be_done()
                && other.began < call.ended
                && other.settled() > last.began
        });
        if !may_have_changed {
            found.push((call, last));
        }
    }
    found
}

fn closes(act: &Act, number: &str) -> bool {
    matches!(act, Act::Close { number: of } if of == number)
}

fn reopens(act: &Act, number: &str) -> bool {
    matches!(act, Act::Reopen { number: of } if of == number)
}

pub(super) fn closed_and_let_in(history: &History) -> Vec<String> {
    let found = contradicted(history, Call::is_done, closes, reopens);
    found.into_iter().map(|(call, last)| format!("{call:?} after {last:?}")).collect()
}

pub(super) fn open_and_kept_out(history: &History) -> Vec<String> {
    let found = contradicted(history, |call| call.status() == Some(CLOSED), reopens, closes);
    found.into_iter().map(|(call, last)| format!("{call:?} after {last:?}")).collect()
}

fn op_02_the_checker_finds_a_closed_access_that_lets_in() {
    use by_hand::{close, history, issued, reopen, sign_in};
    let let_in = |closed: Seen, reopened: Option<(u64, Seen)>, from| {
        let mut calls = vec![(1, 2, close(), closed), (from, from + 2, sign_in("first"), issued("t"))];
        calls.extend(reopened.map(|(from, seen)| (from, from + 1, reopen(), seen)));
        closed_and_let_in(&history(calls)).len()
    };
    let done = || Seen::Status(200);
    assert_eq!(let_in(done(), None, 5), 1);
    assert_eq!(let_in(done(), None, 2), 0, "at the same time");
    assert_eq!(let_in(Seen::Nothing, None, 5), 0);
    assert_eq!(let_in(done(), Some((3, done())), 5), 0);
    assert_eq!(let_in(done(), Some((3, Seen::Nothing)), 5), 0);
    assert_eq!(let_in(done(), Some((8, done())), 5), 1, "later");
}

fn op_02_the_checker_finds_an_open_access_that_is_called_closed() {
    use by_hand::{close, history, reopen, sign_in};
    let kept_out = |closed: Option<(u64, Seen)>| {
        let mut calls = vec![(1, 2, reopen(), Seen::Status(200)), (5, 7, sign_in("first"), Seen::Status(CLOSED))];
        calls.extend(closed.map(|(from, seen)| (from, from + 1, close(), seen)));
        open_and_kept_out(&history(calls)).len()
    };
    assert_eq!(kept_out(None), 1);
    assert_eq!(kept_out(Some((3, Seen::Nothing))), 0);
    assert_eq!(kept_out(Some((8, Seen::Status(200)))), 1, "later");
}
