//! Encrypted connections to PostgreSQL, and the certificates that they are checked with.

use std::{collections::BTreeMap, fs, process::Command};

use crate::support::{Engine, Serving, TestDatabase, postgres_tests, run_command};

postgres_tests![encrypted:
    cf_06_the_server_s_certificate_is_checked_with_that_of_the_settings,
    cf_06_the_server_s_certificate_is_checked_with_those_of_the_system,
];

fn certificate() -> String {
    std::env::var_os("STAKIS_TEST_DATABASE_CA").unwrap().into_string().unwrap()
}

/// The variables of a service that connects with these parameters. The certificate is for the name of the machine alone.
fn variables(database: &TestDatabase, host: &str, parameters: &str) -> BTreeMap<&'static str, String> {
    let url = format!("{}?{parameters}", database.url_text.replace("127.0.0.1", host));
    BTreeMap::from([("STAKIS_DATABASE_URL", url)])
}

/// What `migrate` says where it fails.
fn refusal(variables: &BTreeMap<&'static str, String>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables.clone();
    variables.insert("STAKIS_DATA_DIR", folder.path().display().to_string());
    let output = run_command(&["migrate"], &variables, "");
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

async fn cf_06_the_server_s_certificate_is_checked_with_that_of_the_settings(engine: Engine) {
    let database = TestDatabase::empty(engine);
    let mut right = variables(&database, "localhost", "sslmode=verify-full");
    right.insert("STAKIS_DATABASE_CA", certificate());
    drop(Serving::start(&database, &right));

    let mut other_host = variables(&database, "127.0.0.1", "sslmode=verify-full");
    other_host.insert("STAKIS_DATABASE_CA", certificate());
    assert!(refusal(&other_host).contains("does not match host name"), "{}", refusal(&other_host));

    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "7"]);
    command.args(["-subj", "/CN=localhost", "-keyout", &file("key"), "-out", &file("certificate")]);
    assert!(command.output().unwrap().status.success());
    right.insert("STAKIS_DATABASE_CA", file("certificate"));
    assert!(refusal(&right).contains("certificate verify failed"), "{}", refusal(&right));
    right.insert("STAKIS_DATABASE_CA", file("nothing"));
    assert!(refusal(&right).contains("does not exist"), "{}", refusal(&right));
}

async fn cf_06_the_server_s_certificate_is_checked_with_those_of_the_system(engine: Engine) {
    for parameters in ["sslrootcert=system", "sslmode=verify-full"] {
        let database = TestDatabase::empty(engine);
        // A system names the file of its certificates by this variable, or has it in one of a few places.
        let mut trusting = variables(&database, "localhost", parameters);
        trusting.insert("SSL_CERT_FILE", certificate());
        drop(Serving::start(&database, &trusting));
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty");
        fs::write(&empty, "").unwrap();
        let mut strict = variables(&database, "localhost", parameters);
        strict.insert("SSL_CERT_FILE", empty.display().to_string());
        assert!(!refusal(&strict).is_empty());
    }
}
