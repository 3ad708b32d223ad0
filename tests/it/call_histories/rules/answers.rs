//! Every answer is a success, a refusal that the document names, or "unavailable".

use crate::{
    call_histories::history::{Act, History, Seen, by_hand},
    support::plain_tests,
};

plain_tests![op_02_the_checker_finds_an_answer_that_nobody_expects,];

/// The service is up and cannot do what was asked.
const UNAVAILABLE: u16 = 503;

pub(super) fn wrong(history: &History) -> Vec<String> {
    let is_wrong = |status: u16, act: &Act| {
        status != act.success() && status != UNAVAILABLE && !act.refusals().contains(&status)
    };
    let wrong = history.calls.iter().filter(|call| call.status().is_some_and(|status| is_wrong(status, &call.act)));
    wrong.map(|call| format!("{call:?}")).collect()
}

fn op_02_the_checker_finds_an_answer_that_nobody_expects() {
    let answered = |seen| by_hand::history(vec![(0, 1, by_hand::verify("link"), seen)]);
    for fine in [Seen::Status(200), Seen::Status(410), Seen::Status(503), Seen::Nothing] {
        assert!(wrong(&answered(fine)).is_empty());
    }
    for status in [500, 401, 404, 422] {
        assert_eq!(wrong(&answered(Seen::Status(status))).len(), 1);
    }
}
