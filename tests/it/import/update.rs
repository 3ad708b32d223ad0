//! The nightly feed of another system (AD-05).

use serde_json::Value;

use super::desk::Desk;
use crate::support::{AuditLine, Engine, MailRow, engine_tests};

engine_tests![
    ad_05_a_feed_changes_address_language_name_and_closing_alone,
    ad_05_a_feed_takes_an_address_only_where_its_own_last_value_differs,
    ad_05_a_feed_never_sets_a_password_and_never_reopens,
    ad_05_a_dry_run_of_a_feed_says_what_would_change,
    ad_05_a_feed_that_brings_an_address_tells_the_old_one_and_waits,
    ad_05_a_feed_has_no_say_over_a_contested_address,
];

const HEAD: &str = "customer_number,email,locale,display_name,closed,password_hash\n";
const BCRYPT: &str = "$2b$10$OHyO2cdXU6BPKijcRmNo6OWfUTTsRdUBYnvbVLHizeUg4kqszHHj6";

/// Two accounts, as the feed has brought them in.
fn prepare(engine: Engine) -> Desk {
    let desk = Desk::new(engine);
    let rows = format!("{HEAD}000001,ana@podjetje.si,sl,Ana,,{BCRYPT}\n000002,bojan@podjetje.si,sl,Bojan,,\n");
    desk.import("first.csv", rows, &[]).report();
    desk
}

fn update(desk: &Desk, rows: &str, more: &[&str]) -> Value {
    let imported = desk.import("feed.csv", format!("{HEAD}{rows}"), &[&["--update"], more].concat());
    imported.report().clone()
}

async fn ad_05_a_feed_changes_address_language_name_and_closing_alone(engine: Engine) {
    let desk = prepare(engine);
    let hashes = desk.accounts("password_hash");
    let rows = "000001,ana.novak@podjetje.si,de,Ana Novak,,\n000002,,,,true,\n000003,cene@podjetje.si,sl,,,\n";
    let report = update(&desk, rows, &[]);
    assert_eq!((&report["changed"], &report["missing"], &report["created"]), (&2.into(), &1.into(), &0.into()));
    assert_eq!(desk.accounts("email"), ["ana.novak@podjetje.si", "bojan@podjetje.si"]);
    assert_eq!(desk.accounts("locale"), ["de", "sl"]);
    assert_eq!(desk.accounts("display_name"), ["Ana Novak", "Bojan"]);
    assert_eq!(desk.accounts("closed_at").iter().filter(|at| at.is_empty()).count(), 1);
    assert_eq!(desk.accounts("password_hash"), hashes);
    let events: Vec<String> = AuditLine::all(&desk.database.url).into_iter().map(|line| line.event).collect();
    for event in ["user_email_changed", "user_updated", "user_closed", "accounts_imported"] {
        assert!(events.iter().any(|other| other == event), "{event} {events:?}");
    }
    // The same feed once more changes nothing.
    let report = update(&desk, rows, &[]);
    assert_eq!((&report["changed"], &report["unchanged"]), (&0.into(), &2.into()));
}

async fn ad_05_a_feed_takes_an_address_only_where_its_own_last_value_differs(engine: Engine) {
    let desk = prepare(engine);
    let set = ["account", "set-email", "--customer-number", "000001", "--email", "mine@podjetje.si"];
    desk.run(&set, "");
    // The feed goes on saying what it said, which is no news: the later change has the last word.
    assert_eq!(update(&desk, "000001,ana@podjetje.si,sl,Ana,,\n", &[])["changed"], 0);
    assert_eq!(update(&desk, "000001,ANA@PODJETJE.SI,sl,Ana,,\n", &[])["changed"], 0);
    assert!(desk.accounts("email").contains(&"mine@podjetje.si".to_owned()));
    // Another address is news.
    assert_eq!(update(&desk, "000001,new@podjetje.si,sl,Ana,,\n", &[])["changed"], 1);
    assert!(desk.accounts("email").contains(&"new@podjetje.si".to_owned()));
    // An account that no feed has brought in keeps its address at the first feed that names one.
    desk.run(&["account", "create", "--customer-number", "000003", "--email", "cene@podjetje.si"], "");
    assert_eq!(update(&desk, "000003,other@podjetje.si,sl,,,\n", &[])["changed"], 0);
    assert!(desk.accounts("email").contains(&"cene@podjetje.si".to_owned()));
    assert_eq!(update(&desk, "000003,third@podjetje.si,sl,,,\n", &[])["changed"], 1);
    assert!(desk.accounts("email").contains(&"third@podjetje.si".to_owned()));
}

async fn ad_05_a_feed_never_sets_a_password_and_never_reopens(engine: Engine) {
    let desk = prepare(engine);
    desk.run(&["account", "close", "--customer-number", "000002"], "");
    let before = desk.account_rows();
    let rows =
        format!("000001,ana@podjetje.si,sl,Ana,false,{BCRYPT}\n000002,bojan@podjetje.si,sl,Bojan,false,{BCRYPT}\n");
    let report = update(&desk, &rows, &[]);
    assert_eq!((&report["changed"], &report["unchanged"]), (&0.into(), &2.into()));
    assert_eq!(desk.account_rows(), before);
}

async fn ad_05_a_dry_run_of_a_feed_says_what_would_change(engine: Engine) {
    let desk = prepare(engine);
    let before = desk.dump();
    let rows = format!("{HEAD}000001,new@podjetje.si,hr,Ana,,\n000002,bojan@podjetje.si,sl,Bojan,true,\n");
    let dry = desk.import("feed.csv", rows, &["--update", "--dry-run"]);
    let said: Vec<(&Value, &Value)> =
        dry.of_kind("would_change").into_iter().map(|line| (&line["line"], &line["message"])).collect();
    assert_eq!(said.len(), 2, "{dry:?}");
    assert!(said.contains(&(&2.into(), &"would change email, locale".into())), "{said:?}");
    assert!(said.contains(&(&3.into(), &"would change closed".into())), "{said:?}");
    assert_eq!(dry.report()["changed"], 2);
    assert_eq!(desk.dump(), before);
}

/// Cooling-off holds for every way in which an address changes.
async fn ad_05_a_feed_that_brings_an_address_tells_the_old_one_and_waits(engine: Engine) {
    let desk = prepare(engine);
    update(&desk, "000001,new@podjetje.si,sl,Ana,,\n", &[]);
    let mails = MailRow::all(&desk.database.url);
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!((mails[0].kind.as_str(), mails[0].recipient.as_str()), ("address_changed", "ana@podjetje.si"));
    let changed = desk.accounts("email_changed_at");
    assert_eq!(changed.iter().filter(|at| !at.is_empty()).count(), 1, "the cooling-off has begun");
}

async fn ad_05_a_feed_has_no_say_over_a_contested_address(engine: Engine) {
    let desk = prepare(engine);
    crate::support::execute(
        &desk.database.url,
        "UPDATE accounts SET contested_since = created_at WHERE customer_number = '000001'",
    )
    .unwrap();
    assert_eq!(update(&desk, "000001,thief@podjetje.si,sl,Ana,,\n", &[])["changed"], 0);
    assert!(desk.accounts("email").contains(&"ana@podjetje.si".to_owned()));
}
