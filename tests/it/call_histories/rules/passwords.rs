//! The password of an account is one register: a sign-in reads it, and a link that is used writes it. Every password
//! is written once, so what a sign-in has read tells which write it has seen.

use std::collections::BTreeMap;

use crate::{
    call_histories::history::{Act, Call, History, Micros, Outcome, Seen, by_hand},
    support::plain_tests,
};

plain_tests![
    op_02_the_checker_finds_an_old_password_that_is_accepted,
    op_02_the_checker_finds_a_new_password_that_is_refused,
];

/// A password that was set, or may have been.
#[derive(Debug, Clone)]
pub(super) struct Write<'a> {
    pub(super) password: &'a str,
    pub(super) began: Micros,
    /// The time by which it is the password, or has been.
    pub(super) ended: Micros,
    pub(super) is_certain: bool,
}

impl Write<'_> {
    /// Whether this one came after another for sure.
    pub(super) const fn is_after(&self, other: &Self) -> bool {
        other.ended < self.began
    }
}

/// The status of the right password at a closed access.
const CLOSED: u16 = 403;

/// Whether a sign-in has found the password right.
fn is_right(call: &Call) -> bool {
    call.is_done() || call.status() == Some(CLOSED)
}

fn sign_ins(history: &History) -> impl Iterator<Item = (&str, &str, &Call)> {
    history.calls.iter().filter_map(|call| match &call.act {
        Act::SignIn { number, password } => Some((number.as_str(), password.as_str(), call)),
        _ => None,
    })
}

/// The writes of each number, beginning with the first password.
pub(super) fn writes(history: &History) -> BTreeMap<&str, Vec<Write<'_>>> {
    let mut writes: BTreeMap<&str, Vec<Write<'_>>> = BTreeMap::new();
    for (number, customer) in &history.customers {
        let first = Write { password: &customer.first_password, began: 0, ended: 0, is_certain: true };
        writes.entry(number).or_default().push(first);
    }
    for call in history.calls.iter().filter(|call| call.may_be_done()) {
        let Act::Complete { number, password, .. } = &call.act else { continue };
        let of_number = writes.entry(number).or_default();
        let is_certain = call.is_done();
        match of_number.iter_mut().find(|write| write.password == password) {
            // The call was repeated: one of both has set it.
            Some(write) => {
                write.ended = if is_certain { call.ended } else { write.ended };
                write.is_certain |= is_certain;
            }
            None => of_number.push(Write { password, began: call.began, ended: call.settled(), is_certain }),
        }
    }
    // A password that was right has been set by then.
    for (number, password, call) in sign_ins(history).filter(|(_, _, call)| is_right(call)) {
        let write = writes.get_mut(number).and_then(|all| all.iter_mut().find(|write| write.password == password));
        if let Some(write) = write {
            write.ended = write.ended.min(call.ended);
            write.is_certain = true;
        }
    }
    writes
}

pub(super) fn old_and_accepted(history: &History) -> Vec<String> {
    let writes = writes(history);
    let mut found = Vec::new();
    for (number, password, call) in sign_ins(history).filter(|(_, _, call)| is_right(call)) {
        let of_number = &writes[number];
        let Some(read) = of_number.iter().find(|write| write.password == password) else {
            found.push(format!("{number} signs in with a password that nobody has set: {call:?}"));
            continue;
        };
        let later =
            of_number.iter().find(|write| write.is_certain && write.is_after(read) && write.ended < call.began);
        found.extend(later.map(|later| format!("{call:?} after {later:?}")));
    }
    found
}

pub(super) fn set_and_refused(history: &History) -> Vec<String> {
    let writes = writes(history);
    let mut found = Vec::new();
    for (number, password, call) in sign_ins(history).filter(|(_, _, call)| call.status() == Some(401)) {
        let of_number = &writes[number];
        let Some(read) = of_number.iter().find(|write| write.password == password) else { continue };
        let is_set = read.is_certain && read.ended < call.began;
        let may_be_replaced = of_number
            .iter()
            .any(|write| write.password != password && !read.is_after(write) && write.began < call.ended);
        if is_set && !may_be_replaced && !changes_meanwhile(history, number, call) {
            found.push(format!("{call:?} although of {read:?}"));
        }
    }
    found
}

/// Whether access may be closed or opened while a sign-in is made, which then fails as one with a wrong password does.
fn changes_meanwhile(history: &History, number: &str, call: &Call) -> bool {
    history.calls.iter().any(|other| {
        matches!(&other.act, Act::Close { number: of } | Act::Reopen { number: of } if of == number)
            && other.outcome() != Outcome::Refused
            && other.began < call.ended
            && other.settled() > call.began
    })
}

fn op_02_the_checker_finds_an_old_password_that_is_accepted() {
    use by_hand::{complete, history, issued, sign_in};
    let changed = |seen: Seen, from: Micros, until: Micros| {
        let calls = vec![
            (1, 2, sign_in("first"), issued("t")),
            (3, 4, complete("link", "second"), seen),
            (from, until, sign_in("first"), issued("t")),
        ];
        old_and_accepted(&history(calls)).len()
    };
    assert_eq!(changed(Seen::Status(200), 5, 6), 1, "after the change was acknowledged");
    assert_eq!(changed(Seen::Status(200), 4, 6), 0, "at the same time");
    assert_eq!(changed(Seen::Nothing, 5, 6), 0, "the change may never have been made");
    assert_eq!(changed(Seen::Status(503), 5, 6), 0, "nor here");
    let seen_before = vec![
        (3, 4, complete("link", "second"), Seen::Nothing),
        (5, 6, sign_in("second"), issued("t")),
        (7, 8, sign_in("first"), issued("t")),
    ];
    assert_eq!(
        old_and_accepted(&history(seen_before)).len(),
        1,
        "the change was made, as the sign-in before shows"
    );
    let in_any_order = vec![
        (1, 5, complete("one", "second"), Seen::Status(200)),
        (2, 6, complete("other", "third"), Seen::Status(200)),
        (7, 8, sign_in("second"), issued("t")),
    ];
    assert!(old_and_accepted(&history(in_any_order)).is_empty(), "of two at once either may be the last");
    let never = vec![(1, 2, sign_in("never"), issued("t"))];
    assert_eq!(old_and_accepted(&history(never)).len(), 1);
}

fn op_02_the_checker_finds_a_new_password_that_is_refused() {
    use by_hand::{close, complete, history, sign_in};
    let refused = |mut more: Vec<(Micros, Micros, Act, Seen)>| {
        more.push((3, 4, complete("link", "second"), Seen::Status(200)));
        more.push((6, 8, sign_in("second"), Seen::Status(401)));
        set_and_refused(&history(more)).len()
    };
    assert_eq!(refused(Vec::new()), 1);
    assert_eq!(refused(vec![(5, 7, complete("other", "third"), Seen::Status(200))]), 0, "replaced meanwhile");
    assert_eq!(refused(vec![(1, 2, complete("other", "third"), Seen::Nothing)]), 0, "an effect that comes late");
    assert_eq!(refused(vec![(1, 2, complete("other", "third"), Seen::Status(410))]), 1);
    assert_eq!(refused(vec![(5, 7, close(), Seen::Status(200))]), 0, "closed meanwhile");
    let unknown =
        vec![(3, 4, complete("link", "second"), Seen::Nothing), (6, 8, sign_in("second"), Seen::Status(401))];
    assert!(set_and_refused(&history(unknown)).is_empty());
}
