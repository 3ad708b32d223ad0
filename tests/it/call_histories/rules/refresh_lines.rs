//! The refresh tokens of a session form one line: each is exchanged for one successor, and only the last one is live.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    call_histories::{
        final_tables::TokenRow,
        history::{Act, Call, History, Seen, by_hand},
    },
    support::plain_tests,
};

plain_tests![
    op_02_the_checker_finds_a_line_of_refresh_tokens_that_splits,
    op_02_the_checker_finds_a_refresh_token_that_comes_back,
    op_02_the_checker_finds_two_live_refresh_tokens,
];

/// The exchanges, each with the token and its successor.
fn exchanges(history: &History) -> impl Iterator<Item = (&str, &str, &Call)> {
    history.calls.iter().filter_map(|call| match (&call.act, &call.seen) {
        (Act::Refresh { token, .. }, Seen::Issued { token: next, .. }) => {
            Some((token.as_str(), next.as_str(), call))
        }
        _ => None,
    })
}

pub(super) fn split(history: &History) -> Vec<String> {
    let mut successors: BTreeMap<&str, BTreeMap<&str, &Call>> = BTreeMap::new();
    for (token, next, call) in exchanges(history) {
        successors.entry(token).or_default().insert(next, call);
    }
    let split = successors.values().filter(|calls| calls.len() > 1);
    split.map(|calls| format!("{:?}", calls.values().collect::<Vec<_>>())).collect()
}

pub(super) fn overtaken(history: &History) -> Vec<String> {
    let mut first_use: BTreeMap<&str, &Call> = BTreeMap::new();
    for (token, _, call) in exchanges(history) {
        let known = first_use.entry(token).or_insert(call);
        if call.ended < known.ended {
            *known = call;
        }
    }
    let late = exchanges(history).filter_map(|(_, next, call)| {
        let of_next = first_use.get(next)?;
        (of_next.ended < call.began).then(|| format!("{call:?} after {of_next:?}"))
    });
    late.collect()
}

pub(super) fn two_live(history: &History) -> Vec<String> {
    let mut live: BTreeMap<&str, usize> = BTreeMap::new();
    let mut generations: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for TokenRow { session, generation, is_used } in &history.tables.refresh_tokens {
        *live.entry(session).or_default() += usize::from(!is_used);
        generations.entry(session).or_default().insert(*generation);
    }
    let two = live.iter().filter(|(_, count)| **count > 1).map(|(session, count)| format!("{session} has {count}"));
    let lost = generations.iter().filter(|(_, of)| of.last() != u64::try_from(of.len()).ok().as_ref());
    two.chain(lost.map(|(session, of)| format!("{session} has the generations {of:?}"))).collect()
}

fn op_02_the_checker_finds_a_line_of_refresh_tokens_that_splits() {
    use by_hand::{history, issued, refresh};
    let twice = |second: Seen| {
        split(&history(vec![(1, 3, refresh("one"), issued("two")), (2, 4, refresh("one"), second)])).len()
    };
    assert_eq!(twice(issued("another")), 1);
    assert_eq!((twice(issued("two")), twice(Seen::Status(401)), twice(Seen::Nothing)), (0, 0, 0));
}

fn op_02_the_checker_finds_a_refresh_token_that_comes_back() {
    use by_hand::{history, issued, refresh};
    let again = |from| {
        let calls = vec![
            (1, 2, refresh("one"), issued("two")),
            (3, 4, refresh("two"), issued("three")),
            (from, from + 2, refresh("one"), issued("two")),
        ];
        overtaken(&history(calls)).len()
    };
    assert_eq!((again(5), again(3)), (1, 0));
}

fn op_02_the_checker_finds_two_live_refresh_tokens() {
    let found = |rows: &[(u64, bool)]| {
        let mut history = History::default();
        history.tables.refresh_tokens = rows
            .iter()
            .map(|(generation, is_used)| TokenRow {
                session: "s".into(),
                generation: *generation,
                is_used: *is_used,
            })
            .collect();
        two_live(&history).len()
    };
    assert_eq!(found(&[(1, true), (2, true), (3, false)]), 0);
    assert_eq!(found(&[(1, true), (2, true)]), 0, "it has ended");
    assert_eq!(found(&[(1, true), (2, false), (3, false)]), 1);
    assert_eq!(found(&[(1, true), (3, false)]), 1, "a generation is missing");
}
