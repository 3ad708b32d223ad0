//! Files that are not what they should be. Nothing of them is imported, and the answer names line and column.

use super::desk::Desk;
use crate::support::{Engine, engine_tests, run_command};

engine_tests![
    a_file_that_cannot_be_read_is_refused_with_its_line,
    a_row_that_cannot_be_read_is_rejected_with_line_and_column,
    json_lines_that_are_no_rows_are_rejected_with_line_and_field,
    pw_11_hashes_of_absurd_cost_are_refused_with_the_line,
    a_report_repeats_no_formula_and_nothing_secret_of_a_row,
];

async fn a_file_that_cannot_be_read_is_refused_with_its_line(engine: Engine) {
    let desk = Desk::new(engine);
    let before = desk.dump();
    let columns = vec!["x"; 1_000_000].join(",");
    let unbalanced =
        format!("customer_number,display_name\n000001,Ana\n000002,\"Bojan\n{}", "000003,Cene\n".repeat(20));
    let long = format!("customer_number,display_name\n000001,\"{}\n", "x\n".repeat(100_000));
    let a_little = format!("customer_number,display_name\n000001,{}\n", "x".repeat(65_530)).into_bytes();
    for (name, content, part) in [
        ("columns.csv", columns.into_bytes(), "line 1: the header is longer than 64 KiB"),
        ("many.csv", vec!["x"; 300].join(",").into_bytes(), "line 1: the header has more than 256 columns"),
        ("twice.csv", b"customer_number,email,Email\n".to_vec(), "line 1: the header has the column email twice"),
        ("none.csv", b"a,b\n000001,b\n".to_vec(), "line 1: the header has no column customer_number"),
        ("empty.csv", Vec::new(), "line 1: the header has no column customer_number"),
        ("unbalanced.csv", unbalanced.into_bytes(), "line 3: a quotation mark in this row is not closed"),
        // A mark inside a cell without marks is text, and does not close another one.
        (
            "inch.csv",
            b"customer_number,email,note\n000001,a@podjetje.si,5\" pipe\n000002,b@podjetje.si,\"open\n000003,c@podjetje.si,\n"
                .to_vec(),
            "line 3: a quotation mark in this row is not closed",
        ),
        (
            "header.csv",
            b"customer_number,\"email\n000001,a@podjetje.si\n000002,b@podjetje.si".to_vec(),
            "line 1: a quotation mark in the header is not closed",
        ),
        ("long.csv", long.into_bytes(), "line 2: the row is longer than 64 KiB"),
        ("a little.csv", a_little, "line 2: the row is longer than 64 KiB"),
        ("zero.csv", b"customer_number\0,email\n".to_vec(), "line 1: the header has a zero byte"),
        ("wide.csv", b"\xff\xfec\0u\0s\0t\0".to_vec(), "the file is UTF-16"),
        ("long.ndjson", vec![b' '; 70_000], "line 1: the line is longer than 64 KiB"),
    ] {
        let refused = desk.import(name, content, &[]);
        assert!(!refused.is_success && refused.errors.contains(part), "{name}: {refused:?}");
    }
    let missing = desk.import_file("/nowhere/rows.csv", &[]);
    assert!(!missing.is_success && missing.errors.contains("cannot read /nowhere/rows.csv"), "{missing:?}");
    assert_eq!(desk.dump(), before);
}

async fn a_row_that_cannot_be_read_is_rejected_with_line_and_column(engine: Engine) {
    let desk = Desk::new(engine);
    let rows = b"customer_number;email;locale;closed;password_changed_at;display_name\n\
                 000001;ana@podjetje.si;sl;;;\xc4\x8c\n\
                 000002;bojan@podjetje.si;sl;;;\xc8\n\
                 000003;a\0b@podjetje.si;sl;;;\n\
                 000004;cene@podjetje.si\n\
                 000005;dana@podjetje.si;sl;perhaps;;\n\
                 000006;x;fr;;2999-01-01;\n\
                 ;;;;;\n";
    let rejected = desk.import("rows.csv", rows, &["--continue"]);
    let expected = [
        "3 6 display_name null",
        "4 2 email null",
        "5 null null null",
        "6 4 closed null",
        "7 2 email invalid_format",
        "7 3 locale invalid_format",
        "7 5 password_changed_at invalid_format",
        "8 1 customer_number required",
    ];
    assert_eq!(rejected.rejected(), expected);
    assert_eq!(rejected.report()["rejected"], 6);
    assert_eq!(desk.accounts("customer_number"), ["000001"]);
}

async fn json_lines_that_are_no_rows_are_rejected_with_line_and_field(engine: Engine) {
    let desk = Desk::new(engine);
    let rows = "{\"customer_number\":\"000001\"}\n\
                {\"customer_number\":\"000002\",\"email\":\"a@podjetje.si\",\"email\":\"b@podjetje.si\"}\n\
                {\"customer_number\":3}\n\
                [\"000004\"]\n\
                {\"customer_number\":\"000005\",\"password\":\"Poletne-gume-26\"}\n\
                {\"customer_number\":\"000006\",\"closed\":\"maybe\"}\n\
                {\"customer_number\":\"000007\"\n\
                {\"customer_number\":\"000008\",\"email\":\"a\\u0000@podjetje.si\"}\n\
                {\"customer_number\":\"000009\",\"email\":{\"a\":[[[1]]]}}\n";
    let rejected = desk.import("rows.ndjson", rows, &["--continue"]);
    let found = rejected.rejected();
    let begin: Vec<&str> = found.iter().map(|text| text.split(' ').next().unwrap()).collect();
    assert_eq!(begin, ["2", "3", "4", "5", "6", "7", "8", "9"], "{found:?}");
    for expected in ["2 null email null", "3 null customer_number null", "6 null closed null", "9 null email null"]
    {
        assert!(found.iter().any(|text| text == expected), "{expected} {found:?}");
    }
    assert!(!rejected.lines.iter().any(|line| line.to_string().contains("Poletne")), "{rejected:?}");
    assert_eq!(desk.accounts("customer_number"), ["000001"]);
}

/// Whoever imports a hash that takes a minute would plant a denial of service.
async fn pw_11_hashes_of_absurd_cost_are_refused_with_the_line(engine: Engine) {
    let desk = Desk::new(engine);
    let (salt, digest) = ("c29tZXNhbHRzb21lc2FsdA", "TU7sxj1aYqTpWpF0IqUZ5Og0IfK1JbiW7Gj6W4T0Zgs");
    let bcrypt = "OHyO2cdXU6BPKijcRmNo6OWfUTTsRdUBYnvbVLHizeUg4kqszHHj6";
    let sha_crypt = "$Qi2Ij6k2iLVlLbp7E6AEgzLdgHULGP4FlLOogh7DDTcpan2zlicgIRtjj3CdcUbB2XmlKobFbsbPzIgclVkKr.";
    let dear = [
        format!("$argon2id$v=19$m=4194304,t=2,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=65536,t=4000000000,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=65536,t=1,p=255${salt}${digest}"),
        format!("$scrypt$ln=24,r=8,p=1${salt}${digest}"),
        format!("$scrypt$ln=10,r=8,p=4000000${salt}${digest}"),
        format!("$scrypt$ln=63,r=8,p=1${salt}${digest}"),
        format!("$pbkdf2-sha512$i=100000000,l=32${salt}${digest}"),
        format!("pbkdf2_sha256$4000000000$salt${digest}="),
        format!("$2b$31${bcrypt}"),
        format!("$6$rounds=999999999$olGEfEag8JVTRNl/{sha_crypt}"),
        // ASP.NET Identity v3 with 2^31 iterations.
        "AQAAAAGAAAAAAAAAEAABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw==".to_owned(),
    ];
    let quoted: Vec<String> =
        dear.iter().enumerate().map(|(index, hash)| format!("{index:06},\"{hash}\"\n")).collect();
    let rows = format!("customer_number,password_hash\n{}", quoted.concat());
    let refused = desk.import("dear.csv", rows, &["--dry-run", "--continue"]);
    let expected: Vec<String> =
        (2..dear.len() + 2).map(|line| format!("{line} 2 password_hash hash_too_dear")).collect();
    assert_eq!(refused.rejected(), expected, "{refused:?}");
}

async fn a_report_repeats_no_formula_and_nothing_secret_of_a_row(engine: Engine) {
    let desk = Desk::new(engine);
    let rows = "customer_number,email,\"=cmd|'/C calc'!A0\",@SUM(A1),password_hash\n\
                =1+1,+cmd@x,-2,x,=HYPERLINK(1)\n\
                000001,\"=1\",x,x,$6$secret-salt$secret-digest\n";
    let path = desk.file("formula.csv", rows);
    let output = run_command(&["account", "import", &path, "--dry-run"], &desk.variables, "");
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    for line in text.lines() {
        assert!(!line.starts_with(['=', '+', '-', '@']), "{line}");
    }
    assert!(text.contains("'=cmd|"), "{text}");
    assert!(text.contains("'@SUM"), "{text}");
    for secret in ["HYPERLINK", "secret-salt", "secret-digest", "1+1", "+cmd"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
