//! Every request that was accepted is stored until it has led to a link with its mail, or is counted with the reason
//! why not.

use std::collections::BTreeMap;

use crate::{
    call_histories::{
        final_tables::{LinkRow, RequestRow},
        history::{Act, History, Outcome, Seen, by_hand},
    },
    support::plain_tests,
};

plain_tests![op_02_the_checker_finds_a_request_that_is_lost,];

/// The requests of each number: accepted, of unknown outcome, and those that the tables know.
#[derive(Default)]
struct Count {
    accepted: usize,
    unknown: usize,
    known: usize,
}

fn counts(history: &History) -> BTreeMap<&str, Count> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for call in &history.calls {
        let Act::AskReset { number } = &call.act else { continue };
        let count = counts.entry(number).or_default();
        match call.outcome() {
            Outcome::Done => count.accepted += 1,
            Outcome::Unknown => count.unknown += 1,
            Outcome::Refused => {}
        }
    }
    for request in &history.tables.requests {
        counts.entry(&request.number).or_default().known += 1;
    }
    for (number, swallowed) in &history.tables.swallowed {
        counts.entry(number).or_default().known += swallowed;
    }
    counts
}

pub(super) fn lost(history: &History) -> Vec<String> {
    let counts = counts(history);
    let fewer = counts.iter().filter(|(_, count)| count.known < count.accepted);
    let fewer = fewer.map(|(number, count)| format!("{number}: {} of {} are known", count.known, count.accepted));
    let made: BTreeMap<&str, &LinkRow> =
        history.tables.links.iter().map(|link| (link.request.as_str(), link)).collect();
    let unserved = history.tables.requests.iter().filter(|request| {
        request.outcome.is_empty() || request.outcome == "link_made" && !made.contains_key(request.id.as_str())
    });
    fewer.chain(unserved.map(|request| format!("{request:?}"))).collect()
}

pub(super) fn made_up(history: &History) -> Vec<String> {
    let counts = counts(history);
    let more = counts.iter().filter(|(_, count)| count.known > count.accepted + count.unknown);
    more.map(|(number, count)| {
        format!("{number}: {} are known, of {} and perhaps {}", count.known, count.accepted, count.unknown)
    })
    .collect()
}

fn op_02_the_checker_finds_a_request_that_is_lost() {
    use by_hand::{NUMBER, ask, history};
    let found = |seen: &[Seen], requests: &[&str], swallowed: usize, links: usize| {
        let mut history = history(seen.iter().map(|seen| (1, 2, ask(), seen.clone())).collect());
        history.tables.requests = requests
            .iter()
            .enumerate()
            .map(|(index, outcome)| RequestRow {
                id: index.to_string(),
                number: NUMBER.into(),
                outcome: (*outcome).to_owned(),
            })
            .collect();
        history.tables.links =
            (0..links).map(|index| LinkRow { id: index.to_string(), request: index.to_string() }).collect();
        history.tables.swallowed.insert(NUMBER.into(), swallowed);
        (lost(&history).len(), made_up(&history).len())
    };
    let (done, unknown) = (Seen::Status(202), Seen::Nothing);
    assert_eq!(found(&[done.clone(), done.clone()], &["link_made"], 1, 1), (0, 0));
    assert_eq!(found(&[done.clone(), done.clone()], &["link_made"], 0, 1), (1, 0), "one is nowhere");
    assert_eq!(found(std::slice::from_ref(&done), &["link_made"], 0, 0), (1, 0), "the link is missing");
    assert_eq!(found(std::slice::from_ref(&done), &[""], 0, 0), (1, 0), "it was never served");
    assert_eq!(found(&[done.clone(), unknown.clone()], &["link_made"], 0, 1), (0, 0));
    assert_eq!(found(&[done.clone(), unknown], &["link_made"], 1, 1), (0, 0));
    assert_eq!(found(&[done], &["link_made"], 1, 1), (0, 1), "nobody has asked for the other one");
}
