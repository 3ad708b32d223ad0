//! The commands about accounts, as an administrator runs them.

use serde_json::Value;

use super::command_line::{CREATE, Machine};
use crate::support::{Engine, engine_tests};

engine_tests![
    an_account_from_its_making_to_its_closing,
    dp_06_a_customer_is_exported_and_erased_on_the_command_line,
    ad_01_an_account_is_made_with_a_name_and_an_activation_mail,
    ad_04_an_act_names_its_operator,
];

async fn an_account_from_its_making_to_its_closing(engine: Engine) {
    let machine = Machine::new(engine);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
    let migrations = std::fs::read_dir(folder).unwrap().count();
    assert!(machine.run_well(&["migrate"], "").contains(&format!("{migrations} migrations run")));
    assert!(machine.run_well(&["migrate"], "").contains("0 migrations run"));
    assert!(
        machine
            .run_well(&[&CREATE[..], &["--locale", "de", "--password-stdin"]].concat(), "Poletne-gume-26\n")
            .contains("004217")
    );
    assert!(machine.run_badly(&CREATE, "").contains("004217 has an account already"));
    let show = ["account", "show", "--customer-number", "004217"];
    let shown: Value = serde_json::from_str(&machine.run_well(&[&show[..], &["--json"]].concat(), "")).unwrap();
    assert_eq!(
        (&shown["email"], &shown["locale"], &shown["has_password"]),
        (&"d•••@e•••.si".into(), &"de".into(), &true.into())
    );
    assert!(!shown.to_string().contains("argon2"));
    let set_email = ["account", "set-email", "--customer-number", "004217", "--email", "nova@example.si"];
    assert!(machine.run_well(&set_email, "").contains("has a new address on file"));
    assert!(machine.run_well(&set_email, "").contains("had this address on file already"));
    assert!(machine.run_well(&show, "").contains("n•••@e•••.si"));
    let close = ["account", "close", "--customer-number", "004217", "--reason", "colleague left"];
    assert!(machine.run_well(&close, "").contains("is closed"));
    assert!(machine.run_well(&close, "").contains("was closed already"));
    assert!(machine.run_well(&show, "").contains("colleague left"));
    assert!(machine.run_well(&["account", "reopen", "--customer-number", "004217"], "").contains("is open again"));
    let lock_down = ["account", "lock-down", "--customer-number", "004217", "--reason", "a call", "--by", "desk"];
    assert!(machine.run_well(&lock_down, "").contains("is locked down"));
    assert!(machine.run_well(&lock_down, "").contains("was locked down already"));
    assert!(machine.run_well(&show, "").contains("locked-down"));
    let decide = ["account", "email-decision", "--customer-number", "004217", "--email", "nova@example.si"];
    assert!(machine.run_well(&decide, "").contains("was not contested"));
    assert!(
        machine
            .run_badly(&["account", "close", "--customer-number", "999999"], "")
            .contains("999999 has no account")
    );
}

async fn dp_06_a_customer_is_exported_and_erased_on_the_command_line(engine: Engine) {
    let machine = Machine::new(engine);
    machine.run_well(&[&CREATE[..], &["--display-name", "Avtoservis Novak"]].concat(), "");
    let export = ["account", "export", "--customer-number", "004217", "--by", "desk", "--reason", "she asked"];
    let document: Value = serde_json::from_str(&machine.run_well(&export, "")).unwrap();
    assert_eq!(document["account"]["email"], "delavnica@example.si");
    assert_eq!(document["account"]["display_name"], "Avtoservis Novak");
    let read = document["audit_events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&read["actor"], &read["detail"]), (&"command line: desk".into(), &"export: she asked".into()));
    let erase = ["account", "erase", "--customer-number", "004217", "--reason", "she asked", "--json"];
    let erased: Value = serde_json::from_str(&machine.run_well(&erase, "")).unwrap();
    assert_eq!(erased, serde_json::json!({ "customer_number": "004217", "changed": true }));
    for again in [&erase[..], &export[..], &["account", "show", "--customer-number", "004217"]] {
        assert!(machine.run_badly(again, "").contains("004217 has no account"), "{again:?}");
    }
    machine.run_well(&CREATE, "");
}

async fn ad_01_an_account_is_made_with_a_name_and_an_activation_mail(engine: Engine) {
    let machine = Machine::new(engine);
    let with_mail = ["--send-activation", "--display-name", "  Avtoservis   Novak "];
    machine.run_well(&[&CREATE[..], &with_mail].concat(), "");
    let show = ["account", "show", "--customer-number", "004217", "--json"];
    let shown: Value = serde_json::from_str(&machine.run_well(&show, "")).unwrap();
    assert_eq!((&shown["display_name"], &shown["has_password"]), (&"Avtoservis Novak".into(), &false.into()));
    let both = ["account", "create", "--customer-number", "004218", "--email", "a@example.si", "--send-activation"];
    assert!(machine.run_badly(&[&both[..], &["--password-stdin"]].concat(), "").contains("cannot be used with"));
}

async fn ad_04_an_act_names_its_operator(engine: Engine) {
    let machine = Machine::new(engine);
    machine.run_well(&CREATE, "");
    let act = |words: &[&str]| machine.run_well(&[words, &["--customer-number", "004217"]].concat(), "");
    let closed_by = || {
        let shown = machine.run_well(&["account", "show", "--customer-number", "004217", "--json"], "");
        serde_json::from_str::<Value>(&shown).unwrap()["closed_by"].clone()
    };
    act(&["account", "close", "--by", "Ana Novak"]);
    assert_eq!(closed_by(), "command line: Ana Novak");
    act(&["account", "reopen"]);
    act(&["account", "close"]);
    let user = String::from_utf8(std::process::Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    assert_eq!(closed_by(), format!("command line: {}", user.trim()));
    let wrong = ["account", "close", "--by", "two\nlines", "--customer-number", "004217"];
    assert!(machine.run_badly(&wrong, "").contains("no line ends"));
}
