//! Published events have the positions 1, 2, 3 and so on, and a reader who follows them gets each once.

use crate::{
    call_histories::{
        final_tables::EventRow,
        history::{Act, Call, History, Seen},
    },
    support::plain_tests,
};

plain_tests![op_02_the_checker_finds_an_event_that_a_reader_misses,];

pub(super) fn gaps(history: &History) -> Vec<String> {
    let published = history.tables.published();
    let wrong = (1..).zip(published).find(|(expected, event)| event.position != Some(*expected));
    wrong.map(|(expected, event)| format!("{event:?} is at the place {expected}")).into_iter().collect()
}

pub(super) fn misread(history: &History) -> Vec<String> {
    let pages = history.calls.iter().filter_map(|call| match &call.seen {
        Seen::Events(ids) => Some(ids),
        _ => None,
    });
    let read: Vec<&String> = pages.flatten().collect();
    let published = history.tables.published();
    if read.iter().copied().eq(published.iter().map(|event| &event.id)) {
        return Vec::new();
    }
    let first = read.iter().zip(&published).position(|(id, event)| **id != event.id);
    vec![format!("{} of {} were read, and the first wrong one is {first:?}", read.len(), published.len())]
}

fn op_02_the_checker_finds_an_event_that_a_reader_misses() {
    let found = |positions: &[u64], pages: &[&[&str]]| {
        let row = |position: &u64| EventRow {
            id: position.to_string(),
            kind: "session.started".into(),
            account: String::new(),
            data: String::new(),
            position: Some(*position),
        };
        let page = |ids: &&[&str]| Call {
            began: 1,
            ended: 2,
            caller: 0,
            act: Act::ReadEvents,
            seen: Seen::Events(ids.iter().map(|id| (*id).to_owned()).collect()),
        };
        let mut history = History { calls: pages.iter().map(page).collect(), ..History::default() };
        history.tables.events = positions.iter().map(row).collect();
        (gaps(&history).len(), misread(&history).len())
    };
    assert_eq!(found(&[1, 2, 3], &[&["1", "2"], &["3"], &[]]), (0, 0));
    assert_eq!(found(&[1, 2, 3], &[&["1"], &["3"]]), (0, 1));
    assert_eq!(found(&[1, 2], &[&["1", "2"], &["2"]]), (0, 1));
    assert_eq!(found(&[1, 3], &[&["1", "3"]]), (1, 0));
}
