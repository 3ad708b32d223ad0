//! The endpoint of the webhooks is what the last change has made of it.

use crate::{
    call_histories::history::{Act, Call, History, Seen, by_hand},
    support::plain_tests,
};

plain_tests![op_02_the_checker_finds_a_change_of_an_endpoint_that_is_lost,];

fn changes(history: &History) -> impl Iterator<Item = (&str, &Call)> {
    history.calls.iter().filter(|call| call.may_be_done()).filter_map(|call| match &call.act {
        Act::DescribeEndpoint { description } => Some((description.as_str(), call)),
        _ => None,
    })
}

pub(super) fn overwritten(history: &History) -> Vec<String> {
    let described = &history.tables.endpoint_description;
    let Some((_, made)) = changes(history).find(|(description, _)| description == described) else {
        let done = changes(history).find(|(_, call)| call.is_done());
        return done
            .map(|(_, call)| format!("{described} was never written, and {call:?} was"))
            .into_iter()
            .collect();
    };
    let later = changes(history).find(|(_, call)| call.is_done() && call.began > made.settled());
    later.map(|(_, call)| format!("{described} is there after {call:?}")).into_iter().collect()
}

fn op_02_the_checker_finds_a_change_of_an_endpoint_that_is_lost() {
    let change = |description: &str| Act::DescribeEndpoint { description: description.into() };
    let found = |first: Seen, from, second: Seen, now: &str| {
        let mut history =
            by_hand::history(vec![(1, 2, change("one"), first), (from, from + 1, change("two"), second)]);
        history.tables.endpoint_description = now.into();
        overwritten(&history).len()
    };
    let done = || Seen::Status(200);
    assert_eq!(found(done(), 3, done(), "two"), 0);
    assert_eq!(found(done(), 3, done(), "one"), 1);
    assert_eq!(found(done(), 1, done(), "one"), 0, "at the same time");
    assert_eq!(found(done(), 3, Seen::Nothing, "one"), 0);
    assert_eq!(found(Seen::Nothing, 3, done(), "one"), 0, "it may have come late");
    assert_eq!(found(done(), 3, done(), "zero"), 1);
}
