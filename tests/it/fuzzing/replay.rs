//! The kept inputs of each target, and small changes of them.

use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{
    corpus::{Input, changes, folder, kept},
    targets::{TARGETS, run},
};
use crate::support::plain_tests;

plain_tests![
    jw_01_no_kept_text_is_an_access_token_but_the_issued_ones,
    rl_07_no_kept_header_names_another_client_than_the_proxy,
    ad_08_no_kept_text_is_an_assertion_but_the_signed_ones,
    kept_files_have_the_same_rows_in_pieces_of_any_size,
    wh_04_kept_events_are_read_as_they_are_documented,
    ap_05_kept_bodies_are_read_strictly_and_in_one_way,
    jw_01_ad_08_a_signed_text_has_one_spelling,
    every_target_has_kept_inputs,
    a_changed_input_has_one_bit_or_its_end_changed,
];

fn jw_01_no_kept_text_is_an_access_token_but_the_issued_ones() {
    replay("access_tokens");
}

fn rl_07_no_kept_header_names_another_client_than_the_proxy() {
    replay("client_address");
}

fn ad_08_no_kept_text_is_an_assertion_but_the_signed_ones() {
    replay("client_assertions");
}

fn kept_files_have_the_same_rows_in_pieces_of_any_size() {
    replay("csv_rows");
}

fn wh_04_kept_events_are_read_as_they_are_documented() {
    replay("mail_events");
}

fn ap_05_kept_bodies_are_read_strictly_and_in_one_way() {
    replay("strict_json");
}

/// Runs a target on every kept input, and on small changes of them.
fn replay(target: &str) {
    let inputs = kept(target);
    for input in &inputs {
        assert_holds(target, &input.bytes, &input.name);
    }
    for (input, change) in changes(&inputs) {
        assert_holds(target, &change.of(&input.bytes), &format!("{} after {change:?}", input.name));
    }
}

/// Names the input where a property does not hold.
fn assert_holds(target: &str, bytes: &[u8], what: &str) {
    let holds = catch_unwind(AssertUnwindSafe(|| run(target, bytes))).is_ok();
    assert!(holds, "{target}, {what}: {}", bytes.escape_ascii());
}

/// The last letter of a signature has bits that decode to nothing, and padding may stand behind it.
fn jw_01_ad_08_a_signed_text_has_one_spelling() {
    for target in ["access_tokens", "client_assertions"] {
        let inputs = kept(target);
        let signed =
            inputs.iter().filter(|input| ["issued-", "signed-"].iter().any(|kind| input.name.starts_with(kind)));
        for input in signed {
            let (last, before) = input.bytes.split_last().unwrap();
            let others = (0..=127).filter(|other| other != last).map(|other| [before, &[other]].concat());
            let longer = ["=", "==", "A", " "].map(|end| [&input.bytes, end.as_bytes()].concat());
            for bytes in others.chain(longer) {
                assert_holds(target, &bytes, &input.name);
            }
        }
    }
}

/// A folder without a target would be read by nobody.
fn every_target_has_kept_inputs() {
    let names: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let folders = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(folders.collect::<BTreeSet<_>>(), names);
    for name in &names {
        assert!(kept(name).len() >= 10, "{name}");
    }
}

fn a_changed_input_has_one_bit_or_its_end_changed() {
    let input = |bytes: &[u8]| Input { name: String::new(), bytes: bytes.to_vec() };
    let short = [input(b"{}")];
    let changed: Vec<Vec<u8>> = changes(&short).map(|(input, change)| change.of(&input.bytes)).collect();
    assert_eq!(changed.len(), 2 + 16);
    assert_eq!(changed[..4], [&b""[..], b"{", b"z}", b"y}"]);
    // Of many changes some are left out, in every input alike.
    let long: Vec<Input> = (0..10).map(|_| input(&[b'x'; 1000])).collect();
    let of_last = changes(&long).filter(|(input, _)| std::ptr::eq(*input, &raw const long[9])).count();
    assert!((800..=1_000).contains(&of_last), "{of_last} of 9,000");
}
