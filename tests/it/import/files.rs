//! Files as other systems write them.

use super::desk::Desk;
use crate::support::{Engine, engine_tests, run_command};

engine_tests![
    columns_stand_between_commas_semicolons_or_tabs,
    both_encodings_are_read_and_byte_order_marks_left_out,
    quotes_and_line_ends_are_read_as_rfc_4180_has_them,
    json_lines_are_read_with_every_field,
    a_column_of_another_name_is_mapped,
    standard_input_is_read_as_a_file_is,
    a_plain_report_counts_rows_by_scheme_and_names_each_rejected_row,
];

const ARGON2: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$TU7sxj1aYqTpWpF0IqUZ5Og0IfK1JbiW7Gj6W4T0Zgs";

async fn columns_stand_between_commas_semicolons_or_tabs(engine: Engine) {
    for (index, separator) in [",", ";", "\t"].into_iter().enumerate() {
        let desk = Desk::new(engine);
        let text = "customer_number|email|locale|display_name|closed|closed_reason\r\n\
                    004217|delavnica@example.si|de|Avtoservis Novak|false|\r\n\
                    118503||||da|pogodba odpovedana\r\n";
        let imported = desk.import(&format!("{index}.csv"), text.replace('|', separator), &[]);
        assert_eq!(imported.report()["created"], 2, "{separator:?}");
        assert_eq!(desk.accounts("customer_number"), ["004217", "118503"]);
        assert_eq!(desk.accounts("email"), ["", "delavnica@example.si"]);
        assert_eq!(desk.accounts("locale"), ["de", "sl"]);
        assert_eq!(desk.accounts("display_name"), ["", "Avtoservis Novak"]);
        assert_eq!(desk.accounts("closed_reason"), ["", "pogodba odpovedana"]);
        assert_eq!(desk.accounts("closed_at").iter().filter(|at| at.is_empty()).count(), 1);
    }
}

async fn both_encodings_are_read_and_byte_order_marks_left_out(engine: Engine) {
    let desk = Desk::new(engine);
    desk.import("with.csv", "\u{feff}customer_number,display_name\n000001,Čšž\n", &[]).report();
    desk.import("without.csv", "customer_number,display_name\n000002,Čšž\n", &[]).report();
    let windows = b"customer_number;display_name\n000003;\xc8\x9a\x9e\n";
    desk.import("windows.csv", windows, &["--encoding", "windows-1250"]).report();
    assert_eq!(desk.accounts("display_name"), ["Čšž"; 3]);
    // Without the option such a file is no UTF-8, which its line and column say.
    let refused = desk.import("wrong.csv", b"customer_number;display_name\n000004;\xc8\x9a\x9e\n", &[]);
    assert_eq!(refused.rejected(), ["2 2 display_name null"]);
    assert!(refused.lines[0]["message"].as_str().unwrap().contains("--encoding windows-1250"), "{refused:?}");
}

async fn quotes_and_line_ends_are_read_as_rfc_4180_has_them(engine: Engine) {
    let desk = Desk::new(engine);
    let text = "\"customer_number\",\"display_name\",note\n\
                000001,\"Novak, Janez\",\"two\r\nlines\"\r\n\
                000002,\"Servis \"\"Ana\"\"\",\n\
                abc,x,y";
    let imported = desk.import("quotes.csv", text, &["--continue"]);
    assert_eq!(desk.accounts("display_name"), ["Novak, Janez", "Servis \"Ana\""]);
    // A row is named by the line in which it begins, of which a text with a line end has two.
    assert_eq!(imported.rejected(), ["5 1 customer_number invalid_format"]);
    assert_eq!(imported.of_kind("notice")[0]["message"], "These columns are not read: note");
}

async fn json_lines_are_read_with_every_field(engine: Engine) {
    let desk = Desk::new(engine);
    let text = format!(
        "{{\"customer_number\":\"000001\",\"email\":\"ana@podjetje.si\",\"locale\":\"hr\",\"display_name\":\"Ana\",\
         \"password_hash\":\"{ARGON2}\",\"password_changed_at\":\"2026-07-01T08:00:00+02:00\",\"closed\":false}}\n\
         \r\n\
         {{\"customer_number\":\"000002\",\"email\":null,\"closed\":true,\"closed_reason\":\"dolg\"}}"
    );
    let imported = desk.import("rows.ndjson", &text, &[]);
    assert_eq!((&imported.report()["rows"], &imported.report()["created"]), (&2.into(), &2.into()));
    assert_eq!(desk.accounts("email"), ["", "ana@podjetje.si"]);
    assert_eq!(desk.accounts("password_hash"), ["", ARGON2]);
    assert!(desk.accounts("password_changed_at")[1].starts_with("2026-07-01 06:00:00"));
    assert_eq!(desk.accounts("closed_reason"), ["", "dolg"]);
    // A file of no name that tells is known by its first character.
    let other = desk.import("export", "{\"customer_number\":\"000003\"}\n", &[]);
    assert_eq!(other.report()["created"], 1);
}

async fn a_column_of_another_name_is_mapped(engine: Engine) {
    let desk = Desk::new(engine);
    let map = ["--map", "customer_number=Šifra", "--map", "email=E-pošta"];
    desk.import("a.csv", "Šifra;E-pošta;email\n000001;ana@podjetje.si;other@podjetje.si\n", &map).report();
    desk.import("b.ndjson", "{\"Šifra\":\"000002\",\"E-pošta\":\"bojan@podjetje.si\"}\n", &map).report();
    assert_eq!(desk.accounts("email"), ["ana@podjetje.si", "bojan@podjetje.si"]);
    let wrong = desk.import("c.csv", "customer_number\n000003\n", &["--map", "password=x"]);
    assert!(wrong.errors.contains("the fields are customer_number, email"), "{wrong:?}");
}

async fn standard_input_is_read_as_a_file_is(engine: Engine) {
    let desk = Desk::new(engine);
    let words = ["account", "import", "-", "--json"];
    let output = run_command(&words, &desk.variables, "customer_number,email\n000001,ana@podjetje.si\n");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(desk.accounts("email"), ["ana@podjetje.si"]);
}

async fn a_plain_report_counts_rows_by_scheme_and_names_each_rejected_row(engine: Engine) {
    let desk = Desk::new(engine);
    let rows = "customer_number,email,password_hash\n\
                000001,ana@podjetje.si,$2b$10$OHyO2cdXU6BPKijcRmNo6OWfUTTsRdUBYnvbVLHizeUg4kqszHHj6\n\
                000002,bojan@podjetje.test,{SSHA}/iraHHDaZ/0EI87FdL12MpX9p6yudU4J\n\
                000002,cene@podjetje.si,\n\
                17,dana,md5\n";
    let path = desk.file("rows.csv", rows);
    let output = run_command(&["account", "import", &path, "--dry-run"], &desk.variables, "");
    assert!(!output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let squeezed: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for expected in [
        "line 3: no mail can arrive at this address",
        "line 4, column 1 (customer_number): Another row has the same customer number.",
        "line 5, column 1 (customer_number): The user name is the six-digit customer number.",
        "line 5, column 2 (email): This is not a valid e-mail address.",
        "line 5, column 3 (password_hash): the form of the hash is not known",
        "rows 4",
        "rejected rows 2",
        "of these, with the number of an earlier row 1",
        "addresses at which no mail can arrive 1",
        "rows with a hash by bcrypt 1",
        "rows with a hash by ssha 1",
        "2 accounts would be made. Nothing was written.",
    ] {
        assert!(squeezed.iter().any(|line| line == expected), "{expected}\n{text}");
    }
    assert_eq!(desk.accounts("id"), Vec::<String>::new());
}
