//! What is not there unless it is meant: in production nothing of what tests and development need, such as a mailbox or a
//! clock that can be set (CF-05), and no proxy that is believed without being named (CF-04).

use std::{collections::BTreeMap, fs, path::Path};

use reqwest::Client;
use serde_json::json;
use stakis_identity::config;

use super::production::safe_settings;
use crate::support::{Customer, Engine, Serving, TestDatabase, engine_tests, plain_tests};

engine_tests![cf_05_production_has_no_means_of_tests];

plain_tests![
    cf_04_no_proxy_is_trusted_unless_it_is_named,
    cf_05_the_program_has_no_features_and_no_settings_of_tests,
];

/// Addresses of the development mailbox, of the routes that the tests add, and of what others have for tests.
const MEANS: [&str; 8] = [
    "/api/v1/messages",
    "/api/v1/message/latest",
    "/api/v1/send",
    "/api/v1/info",
    "/test/panic",
    "/v1/test/panic",
    "/v1/test/clock",
    "/v1/password-resets/latest",
];

async fn cf_05_production_has_no_means_of_tests(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let folder = tempfile::tempdir().unwrap();
    let mut variables: BTreeMap<&str, String> = safe_settings();
    variables.extend([
        ("STAKIS_DATABASE_URL", database.url_text.clone()),
        ("STAKIS_DATA_DIR", folder.path().display().to_string()),
        // Such names are passed over, so they must have no effect either.
        ("STAKIS_TEST_CLOCK", "2000-01-01T00:00:00Z".to_owned()),
        ("STAKIS_TEST_LENGTH", "9".to_owned()),
    ]);
    let serving = Serving::start(&database, &variables);
    let client = Client::builder().no_proxy().build().unwrap();
    for path in MEANS {
        let url = serving.url.join(path).unwrap();
        for request in [client.get(url.clone()), client.post(url).json(&json!({}))] {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 404, "{path}");
        }
    }
    let asked = client.post(serving.url.join("/v1/password-resets").unwrap());
    let asked = asked.json(&json!({ "customer_number": Customer::ANA.number })).send().await.unwrap();
    assert_eq!(asked.status(), 202);
    let headers: Vec<String> = asked.headers().keys().map(ToString::to_string).collect();
    assert!(!headers.iter().any(|name| name.contains("token") || name.contains("debug")), "{headers:?}");
    let body: serde_json::Value = asked.json().await.unwrap();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["message", "resend_after_seconds"], "{body}");
    let log = serving.log();
    assert!(log.contains("serving") && !log.contains("mailbox"), "{log}");
}

/// The code of the program outside its unit tests.
fn sources(folder: &Path, sources: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            self::sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let program = source.split("#[cfg(test)]").next().unwrap().to_owned();
            sources.push((path.display().to_string(), program));
        }
    }
}

/// One program is built, tested and deployed: nothing is compiled in for tests that is not there in production, and the other way
/// round. The settings of the tests are read by nobody but the tests.
fn cf_05_the_program_has_no_features_and_no_settings_of_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    assert!(!manifest.lines().any(|line| line.starts_with("[features")), "a feature could be left on");
    let mut all = Vec::new();
    sources(&root.join("src"), &mut all);
    assert!(all.len() > 300, "only {} files were read", all.len());
    for (file, source) in all {
        for hook in ["cfg(feature", "cfg!(", "cfg(debug_assertions", "cfg(any(test", "debug_assert"] {
            assert!(!source.contains(hook), "{file} has {hook}");
        }
        let is_told = file.ends_with("setting/reader.rs") || file.ends_with("config/reference.rs");
        assert!(is_told || !source.contains("STAKIS_TEST_"), "{file} knows a setting of the tests");
    }
}

fn cf_04_no_proxy_is_trusted_unless_it_is_named() {
    let proxies = |variables: &BTreeMap<&str, String>| {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let config = config::read(variables).unwrap();
        config.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let folder = tempfile::tempdir().unwrap();
    let development = BTreeMap::from([("STAKIS_DATA_DIR", folder.path().display().to_string())]);
    for mut settings in [development, safe_settings()] {
        // The addresses of this machine and of private networks are no exception.
        assert_eq!(proxies(&settings), [""; 0]);
        settings.insert("STAKIS_TRUSTED_PROXIES", "192.0.2.7".to_owned());
        assert_eq!(proxies(&settings), ["192.0.2.7/32"]);
    }
}
