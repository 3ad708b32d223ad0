//! An import is killed at any moment, and goes on with the same command. No row is lost, and none comes twice.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    thread,
    time::{Duration, Instant},
};

use stakis_identity::types::random_below;

use super::desk::Desk;
use crate::support::{AuditLine, Engine, Running, column, engine_tests, length};

engine_tests![an_import_that_is_killed_goes_on_where_it_stopped];

const KILLS: usize = 3;

async fn an_import_that_is_killed_goes_on_where_it_stopped(engine: Engine) {
    // The long round has every customer number.
    let size = if length() == 1 { 20_000 } else { 1_000_000 };
    tokio::task::spawn_blocking(move || kill_and_go_on(engine, size)).await.unwrap();
}

fn rows(size: usize) -> String {
    let mut rows = "customer_number,email,password_hash\n".to_owned();
    for number in 0..size {
        // One row in a thousand is wrong.
        let email = if number % 1000 == 999 { "x".to_owned() } else { format!("delavnica-{number}@podjetje.si") };
        writeln!(rows, "{number:06},{email},{{SSHA}}/iraHHDaZ/0EI87FdL12MpX9p6yudU4J").unwrap();
    }
    rows
}

fn kill_and_go_on(engine: Engine, size: usize) {
    let desk = Desk::new(engine);
    let path = desk.file("rows.csv", rows(size));
    let words = format!("account import {path} --continue --json");
    let (mut kills, mut in_between) = (0, 0);
    while kills < KILLS {
        let before = count(&desk);
        let mut process = Running::start(&words, &desk.variables);
        // It is killed at a random moment after its first rows, or soon after its start.
        let patience = Duration::from_millis(random_below(u64::try_from(size / 50).unwrap()));
        let started = Instant::now();
        while process.is_alive() && (started.elapsed() < patience || count(&desk) == before) {
            thread::sleep(Duration::from_millis(5));
        }
        let was_alive = process.is_alive();
        drop(process);
        kills += 1;
        let done = count(&desk);
        in_between += usize::from(was_alive && done > before && done < size - size / 1000);
    }
    let last = desk.import_file(&path, &["--continue"]);
    let report = last.report();
    println!("{kills} kills, {in_between} of them between two batches: {report}");
    assert!(in_between > 0, "no kill was in the midst of the rows, and nothing was tested");
    let numbers = desk.accounts("customer_number");
    let expected: Vec<String> =
        (0..size).filter(|number| number % 1000 != 999).map(|number| format!("{number:06}")).collect();
    assert_eq!(numbers, expected, "every right row is there, once");
    check_books(&desk, expected.len());
}

fn count(desk: &Desk) -> usize {
    desk.accounts("id").len()
}

/// Checks that what belongs to the accounts came with them, and once.
fn check_books(desk: &Desk, accounts: usize) {
    let trail = AuditLine::all(&desk.database.url);
    let created: Vec<&str> = trail
        .iter()
        .filter(|line| line.event == "user_created")
        .map(|line| line.customer_number.as_str())
        .collect();
    assert_eq!((created.len(), created.iter().collect::<BTreeSet<_>>().len()), (accounts, accounts));
    let waiting: BTreeSet<String> =
        column(&desk.database.url, "hashes_to_wrap", "account_id").into_iter().collect();
    assert_eq!(waiting.len(), accounts);
}
