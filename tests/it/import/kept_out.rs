//! What a rejected row does to the others, and what a dry run does.

use std::fmt::Write as _;

use super::desk::Desk;
use crate::support::{AuditLine, Customer, Engine, engine_tests};

engine_tests![
    a_rejected_row_keeps_every_other_out,
    with_continue_the_other_rows_are_imported_and_nothing_comes_twice,
    a_dry_run_says_what_would_be_and_writes_nothing,
    ad_05_an_import_leaves_accounts_that_exist_as_they_are,
    lo_01_the_trail_tells_of_every_account_and_of_the_import,
    twenty_thousand_rows_are_one_transaction,
];

const ROWS: &str = "customer_number,email\n000001,ana@podjetje.si\n2,bojan@podjetje.si\n000003,cene@podjetje.si\n";

async fn a_rejected_row_keeps_every_other_out(engine: Engine) {
    let desk = Desk::new(engine);
    let before = desk.dump();
    let imported = desk.import("rows.csv", ROWS, &[]);
    assert!(!imported.is_success);
    let report = imported.any_report();
    assert_eq!(
        (&report["created"], &report["rejected"], &report["kept_out"]),
        (&0.into(), &1.into(), &true.into())
    );
    assert_eq!(desk.dump(), before);
}

async fn with_continue_the_other_rows_are_imported_and_nothing_comes_twice(engine: Engine) {
    let desk = Desk::new(engine);
    let first = desk.import("rows.csv", ROWS, &["--continue"]);
    assert_eq!((&first.report()["created"], &first.report()["rejected"]), (&2.into(), &1.into()));
    assert_eq!(desk.accounts("customer_number"), ["000001", "000003"]);
    // The import is over, so the same command begins again and finds what is there.
    let second = desk.import("rows.csv", ROWS, &["--continue"]);
    let report = second.report();
    assert_eq!((&report["created"], &report["existing"], &report["resumed"]), (&0.into(), &2.into(), &0.into()));
    assert_eq!(desk.accounts("customer_number").len(), 2);
}

async fn a_dry_run_says_what_would_be_and_writes_nothing(engine: Engine) {
    let desk = Desk::new(engine);
    desk.run(&["account", "create", "--customer-number", "000003", "--email", "cene@podjetje.si"], "");
    let before = desk.dump();
    let rows = "customer_number,email,password_hash\n\
                000001,ana@podjetje.si,$2b$10$OHyO2cdXU6BPKijcRmNo6OWfUTTsRdUBYnvbVLHizeUg4kqszHHj6\n\
                000002,bojan@servis.invalid,{SSHA}/iraHHDaZ/0EI87FdL12MpX9p6yudU4J\n\
                000003,cene@podjetje.si,\n\
                000001,ana@podjetje.si,\n\
                000004,dana@podjetje.si,e10adc3949ba59abbe56e057f20f883e\n";
    let dry = desk.import("rows.csv", rows, &["--dry-run", "--continue"]);
    let report = dry.report();
    assert_eq!(dry.rejected(), ["5 1 customer_number duplicate_number", "6 3 password_hash unknown_hash"]);
    assert_eq!(dry.of_kind("passed_over")[0]["line"], 4);
    assert_eq!(dry.of_kind("unlikely_address")[0]["line"], 3);
    let expected = serde_json::json!({
        "kind": "report", "dry_run": true, "rows": 5, "resumed": 0, "created": 2, "changed": 0, "unchanged": 0,
        "existing": 1, "missing": 0, "rejected": 2, "duplicates": 1, "unlikely_addresses": 1,
        "schemes": { "bcrypt": 1, "ssha": 1 }, "without_hash": 1, "kept_out": false,
    });
    assert_eq!(report, &expected);
    assert_eq!(desk.dump(), before);
}

async fn ad_05_an_import_leaves_accounts_that_exist_as_they_are(engine: Engine) {
    let desk = Desk::new(engine);
    let number = Customer::ANA.number;
    desk.run(&["account", "create", "--customer-number", number, "--email", Customer::ANA.email], "");
    desk.run(&["account", "close", "--customer-number", number], "");
    let before = desk.account_rows();
    let hash = "$2b$10$OHyO2cdXU6BPKijcRmNo6OWfUTTsRdUBYnvbVLHizeUg4kqszHHj6";
    let rows = format!("customer_number,email,password_hash,closed\n{number},thief@podjetje.si,{hash},false\n");
    let imported = desk.import("rows.csv", rows, &[]);
    assert_eq!(imported.report()["existing"], 1);
    assert_eq!(desk.account_rows(), before);
}

async fn lo_01_the_trail_tells_of_every_account_and_of_the_import(engine: Engine) {
    let desk = Desk::new(engine);
    let rows = "customer_number,closed\n000001,\n000002,true\n";
    desk.import("rows.csv", rows, &["--by", "Ana Novak"]).report();
    let trail: Vec<AuditLine> = AuditLine::all(&desk.database.url);
    let of = |event: &str| -> Vec<&str> {
        let lines = trail.iter().filter(|line| line.event == event);
        lines.map(|line| line.customer_number.as_str()).collect()
    };
    let mut created = of("user_created");
    created.sort_unstable();
    assert_eq!(created, ["000001", "000002"]);
    assert_eq!(of("user_closed"), ["000002"]);
    let import = trail.iter().find(|line| line.event == "accounts_imported").unwrap();
    assert_eq!(import.detail, "2 created, 0 changed, 0 rejected");
    assert!(
        trail
            .iter()
            .filter(|line| line.event != "signing_key_made")
            .all(|line| line.actor == "command line: Ana Novak"),
        "{trail:?}"
    );
}

/// A rejected row at the very end undoes everything before it.
async fn twenty_thousand_rows_are_one_transaction(engine: Engine) {
    let desk = Desk::new(engine);
    let mut rows = "customer_number,email\n".to_owned();
    for number in 0..20_000 {
        writeln!(rows, "{number:06},delavnica-{number}@podjetje.si").unwrap();
    }
    let wrong = desk.import("wrong.csv", format!("{rows}x,\n"), &[]);
    assert_eq!(wrong.rejected(), ["20002 1 customer_number invalid_format"]);
    assert!(desk.accounts("id").is_empty());
    let right = desk.import("right.csv", &rows, &[]);
    assert_eq!(right.report()["created"], 20_000);
    assert_eq!(desk.accounts("id").len(), 20_000);
}
