//! A link has a mail, which the mail API has got; and every mail there is stored.

use std::collections::{BTreeMap, BTreeSet};

use super::arrivals::{by_id, changed, sent_again};
use crate::{
    call_histories::{
        final_tables::{LinkRow, MailRow},
        history::{Disturbance, History, Mail, Micros},
    },
    support::plain_tests,
};

plain_tests![
    op_02_the_checker_finds_a_mail_that_changes,
    op_02_the_checker_finds_a_mail_that_is_sent_twice,
    op_02_the_checker_finds_a_mail_that_is_missing,
];

pub(super) fn missing(history: &History) -> Vec<String> {
    let taken: BTreeSet<&str> =
        history.mails.iter().filter(|mail| mail.is_taken).map(|mail| mail.key.as_str()).collect();
    let tables = &history.tables;
    let stored: BTreeMap<&str, &MailRow> = tables.mails.iter().map(|mail| (mail.link.as_str(), mail)).collect();
    let without = tables.links.iter().filter(|link| !stored.contains_key(link.id.as_str()));
    let untaken =
        tables.mails.iter().filter(|mail| mail.status == "handed_over" && !taken.contains(mail.id.as_str()));
    // A mail is dropped where its owner has used the link, or has lost the access, before it went out. While access is
    // closed there are decoys.
    let unfinished =
        tables.mails.iter().filter(|mail| !["handed_over", "dropped", "decoy"].contains(&&*mail.status));
    without
        .map(|link| format!("{link:?}"))
        .chain(untaken.chain(unfinished).map(|mail| format!("{mail:?}")))
        .collect()
}

pub(super) fn unknown(history: &History) -> Vec<String> {
    let stored: BTreeSet<&str> = history.tables.mails.iter().map(|mail| mail.id.as_str()).collect();
    let by_id = by_id(&history.mails);
    let unknown = by_id.values().map(|mails| mails[0]).filter(|mail| !stored.contains(mail.key.as_str()));
    unknown.map(|mail| format!("{mail:?}")).collect()
}

fn mail(at: Micros, key: &str, checksum: u64, is_taken: bool) -> Mail {
    Mail { at, key: key.into(), token: None, checksum, is_taken }
}

fn op_02_the_checker_finds_a_mail_that_changes() {
    let found = |mails: Vec<Mail>| changed(&mails).len();
    assert_eq!(found(vec![mail(1, "key", 7, true), mail(2, "key", 7, true), mail(3, "other", 8, true)]), 0);
    assert_eq!(found(vec![mail(1, "key", 7, true), mail(2, "key", 8, true)]), 1);
}

fn op_02_the_checker_finds_a_mail_that_is_sent_twice() {
    const SECOND: Micros = 1_000_000;
    let found = |is_taken: bool, disturbed: Option<Micros>| {
        let mails = vec![mail(50 * SECOND, "key", 7, is_taken), mail(60 * SECOND, "key", 7, true)];
        let disturbance = |from| Disturbance { name: "kill", from, until: from + 1 };
        let disturbances = disturbed.map(disturbance).into_iter().collect();
        sent_again(&History { disturbances, ..History::default() }, &mails).len()
    };
    assert_eq!(found(true, None), 1);
    assert_eq!(found(false, None), 0, "the mail API had refused it");
    assert_eq!(found(true, Some(55 * SECOND)), 0);
    assert_eq!(found(true, Some(20 * SECOND)), 1, "long before");
    assert_eq!(found(true, Some(70 * SECOND)), 1, "later");
}

fn op_02_the_checker_finds_a_mail_that_is_missing() {
    let found = |status: &str, link: &str, key: &str| {
        let mut history = History { mails: vec![mail(1, key, 7, true)], ..History::default() };
        history.tables.links = vec![LinkRow { id: "link".into(), request: "request".into() }];
        history.tables.mails = vec![MailRow { id: "mail".into(), link: link.into(), status: status.into() }];
        (missing(&history).len(), unknown(&history).len())
    };
    assert_eq!(found("handed_over", "link", "mail"), (0, 0));
    assert_eq!(found("dropped", "link", "mail"), (0, 0));
    assert_eq!(found("handed_over", "other", "mail"), (1, 0), "the link has none");
    assert_eq!(found("handed_over", "link", "another"), (1, 1));
    assert_eq!(found("queued", "link", "mail"), (1, 0));
}
