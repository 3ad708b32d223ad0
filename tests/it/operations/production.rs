//! CF-01: nothing unsafe starts in production, and everything that is wrong is reported at once.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _};

use secrecy::ExposeSecret as _;
use stakis_identity::config::{self, describe_settings};

use crate::support::{plain_tests, run_command};

pub(crate) fn safe_settings() -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("STAKIS_ENVIRONMENT", "production".to_owned()),
        ("STAKIS_PUBLIC_URL", "https://identity.example.com".into()),
        ("STAKIS_DATABASE_URL", "postgres://stakis:pw@db/stakis?sslmode=require".into()),
        ("STAKIS_SECRET_KEY", data_encoding::BASE64.encode(&stakis_identity::types::random_bytes::<32>())),
        ("STAKIS_MAIL_PROVIDER", "resend".into()),
        ("STAKIS_MAIL_API_KEY", "re_x".into()),
    ])
}

pub(crate) fn problems_of(variables: &BTreeMap<&'static str, String>) -> Vec<String> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    config::read(variables).err().map(|problems| problems.0).unwrap_or_default()
}

plain_tests![
    cf_01_safe_settings_start,
    cf_01_each_setting_reaches_its_place_and_no_other,
    cf_01_each_unsafe_setting_is_refused_by_name,
    cf_01_white_space_around_a_value_is_no_part_of_it,
    cf_01_all_problems_at_once_and_no_secret_among_them,
    cf_01_unknown_names_are_refused_and_other_people_s_passed_over,
    cf_01_an_unknown_limit_is_refused_with_the_nearest_one,
    cf_02_every_secret_can_come_from_a_file,
    cf_02_a_secret_file_that_others_can_read_gets_a_warning,
    op_06_what_ends_a_process_is_a_line_of_its_log,
    rl_14_every_limit_has_its_documented_default,
];

fn cf_01_safe_settings_start() {
    assert_eq!(problems_of(&safe_settings()), [""; 0]);
}

fn cf_01_each_setting_reaches_its_place_and_no_other() {
    let read = |variables: BTreeMap<&str, String>| {
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value));
        format!("{:?}", config::read(variables).unwrap())
    };
    let mut variables = safe_settings();
    // Without the hosted pages the link in the mail needs another page.
    variables.insert("STAKIS_RESET_URL", "https://links.example/#{token}".into());
    let defaults = read(variables.clone());
    let cores = format!("concurrency: {}", std::thread::available_parallelism().unwrap());
    for (name, value, before, after) in [
        (
            "STAKIS_TRUSTED_PROXY_HEADER",
            "Forwarded",
            "trusted_proxy_header: XForwardedFor",
            "trusted_proxy_header: Forwarded",
        ),
        (
            "STAKIS_DRAIN_SECONDS",
            "60",
            "drain: TimeDelta { secs: 5, nanos: 0 }",
            "drain: TimeDelta { secs: 60, nanos: 0 }",
        ),
        ("STAKIS_LISTEN", "[::]:81", "listen: 127.0.0.1:8080", "listen: [::]:81"),
        ("STAKIS_PUBLIC_URL", "https://a.example", r#"Domain("identity.example.com")"#, r#"Domain("a.example")"#),
        ("STAKIS_DATABASE_URL", "sqlite:x.db", "url: postgres://…", "url: sqlite:x.db"),
        ("STAKIS_DATABASE_POOL_SIZE", "20", "pool_size: 8", "pool_size: 20"),
        ("STAKIS_DATABASE_POOLER", "on", "pooler: false", "pooler: true"),
        (
            "STAKIS_DATABASE_WAIT_SECONDS",
            "5",
            "wait: TimeDelta { secs: 60, nanos: 0 }",
            "wait: TimeDelta { secs: 5, nanos: 0 }",
        ),
        ("STAKIS_AUTO_MIGRATE", "on", "auto_migrate: false", "auto_migrate: true"),
        ("STAKIS_RESET_URL", "https://a.example/#{token}", "https://links.example/", "https://a.example/"),
        (
            "STAKIS_RESET_LINK_TTL_SECONDS",
            "60",
            "reset_link_ttl: TimeDelta { secs: 3600, nanos: 0 }",
            "reset_link_ttl: TimeDelta { secs: 60, nanos: 0 }",
        ),
        (
            "STAKIS_RESET_COOLDOWN_SECONDS",
            "7",
            "reset_cooldown: TimeDelta { secs: 300, nanos: 0 }",
            "reset_cooldown: TimeDelta { secs: 7, nanos: 0 }",
        ),
        (
            "STAKIS_EMAIL_COOLING_OFF_SECONDS",
            "7",
            "cooling_off: TimeDelta { secs: 86400, nanos: 0 }",
            "cooling_off: TimeDelta { secs: 7, nanos: 0 }",
        ),
        (
            "STAKIS_JOB_JITTER_MS",
            "7",
            "job_jitter: TimeDelta { secs: 1, nanos: 0 }",
            "job_jitter: TimeDelta { secs: 0, nanos: 7000000 }",
        ),
        ("STAKIS_MAIL_API_URL", "https://a.example", r#"Domain("api.resend.com")"#, r#"Domain("a.example")"#),
        ("STAKIS_PAGES", "off", "pages: true", "pages: false"),
        ("STAKIS_DOCS", "off", "docs: true", "docs: false"),
        ("STAKIS_PASSWORD_PROFILE", "standard", "profile: Stakis", "profile: Standard"),
        ("STAKIS_PASSWORD_PROFILE", "nist", "profile: Stakis", "profile: Nist"),
        ("STAKIS_PASSWORD_MIN_LENGTH", "9", "min_length: None", "min_length: Some(9)"),
        ("STAKIS_PASSWORD_MAX_AGE_DAYS", "90", "max_age_days: None", "max_age_days: Some(90)"),
        ("STAKIS_PASSWORD_MAX_AGE_DAYS", "0", "max_age_days: None", "max_age_days: Some(0)"),
        ("STAKIS_PASSWORD_HISTORY", "5", "history: None", "history: Some(5)"),
        ("STAKIS_ARGON2_MEMORY_KIB", "65536", "memory_kib: 19456", "memory_kib: 65536"),
        ("STAKIS_ARGON2_ITERATIONS", "3", "iterations: 2", "iterations: 3"),
        ("STAKIS_ARGON2_PARALLELISM", "4", "parallelism: 1", "parallelism: 4"),
        ("STAKIS_HASH_CONCURRENCY", "7", &cores, "concurrency: 7"),
        (
            "STAKIS_ACCESS_TOKEN_TTL_SECONDS",
            "900",
            "access_token_ttl: TimeDelta { secs: 600, nanos: 0 }",
            "access_token_ttl: TimeDelta { secs: 900, nanos: 0 }",
        ),
        (
            "STAKIS_REFRESH_TOKEN_TTL_SECONDS",
            "7",
            "idle_ttl: TimeDelta { secs: 2592000, nanos: 0 }",
            "idle_ttl: TimeDelta { secs: 7, nanos: 0 }",
        ),
        (
            "STAKIS_SESSION_TTL_SECONDS",
            "7",
            ", ttl: TimeDelta { secs: 2592000, nanos: 0 }",
            ", ttl: TimeDelta { secs: 7, nanos: 0 }",
        ),
        ("STAKIS_SESSIONS_PER_ACCOUNT", "7", "per_account: 100", "per_account: 7"),
        ("STAKIS_NEW_DEVICE_MAIL", "off", "new_device_mail: true", "new_device_mail: false"),
        ("STAKIS_JWT_ALGORITHM", "RS256", "jwt_algorithm: Es256", "jwt_algorithm: Rs256"),
        ("STAKIS_JWT_ALGORITHM", "EdDSA", "jwt_algorithm: Es256", "jwt_algorithm: EdDsa"),
        ("STAKIS_TOKEN_AUDIENCE", "parts", "token_audience: None", r#"token_audience: Some("parts")"#),
        ("STAKIS_TRUSTED_PROXIES", "10.0.0.0/8", "trusted_proxies: []", "trusted_proxies: [10.0.0.0/8]"),
        ("STAKIS_CORS_ORIGINS", "https://a.example", "cors_origins: []", r#"cors_origins: ["https://a.example"]"#),
        (
            "STAKIS_OPS_LISTEN",
            "off",
            "operations: Some(OperationsListen { address: 127.0.0.1:9090, is_default: true })",
            "operations: None",
        ),
    ] {
        assert_eq!(defaults.matches(before).count(), 1, "{name}: {before:?} in {defaults}");
        let changed = read(variables.clone().into_iter().chain([(name, value.to_owned())]).collect());
        assert_eq!(changed, defaults.replace(before, after), "{name}={value}");
    }
    variables.insert("STAKIS_BREACH_API_URL", "https://range.example".into());
    let without = read(variables.clone());
    assert!(
        without.contains(r#"breach_api_url: Some(Url { scheme: "https", "#) && without.contains("range.example")
    );
    variables.insert("STAKIS_BREACH_AT_SIGN_IN", "on".into());
    assert_eq!(read(variables), without.replace("breach_at_sign_in: false", "breach_at_sign_in: true"));
}

fn cf_01_each_unsafe_setting_is_refused_by_name() {
    for (name, value) in [
        ("STAKIS_PUBLIC_URL", ""),
        ("STAKIS_PUBLIC_URL", "http://identity.example.com"),
        ("STAKIS_PUBLIC_URL", "http://127.0.0.1"),
        ("STAKIS_PUBLIC_URL", "https://user:pw@identity.example.com"),
        ("STAKIS_PUBLIC_URL", "identity.example.com"),
        ("STAKIS_SECRET_KEY", ""),
        ("STAKIS_SECRET_KEY", "c2hvcnQ="),
        ("STAKIS_SECRET_KEY", "not base64 at all, but long enough"),
        ("STAKIS_SECRET_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("STAKIS_SECRET_KEY_PREVIOUS", "c2hvcnQ="),
        ("STAKIS_CORS_ORIGINS", "*"),
        ("STAKIS_CORS_ORIGINS", "https://a.example,*"),
        ("STAKIS_CORS_ORIGINS", "https://a.example/path"),
        ("STAKIS_MAIL_PROVIDER", ""),
        ("STAKIS_MAIL_PROVIDER", "mailpit"),
        ("STAKIS_MAIL_PROVIDER", "pigeon"),
        ("STAKIS_MAIL_API_KEY", ""),
        ("STAKIS_MAIL_API_URL", "http://mail.example.com"),
        ("STAKIS_MAIL_FROM", "nobody"),
        ("STAKIS_ARGON2_MEMORY_KIB", "19455"),
        ("STAKIS_ARGON2_ITERATIONS", "1"),
        ("STAKIS_ARGON2_PARALLELISM", "0"),
        ("STAKIS_RESET_LINK_TTL_SECONDS", "86401"),
        ("STAKIS_RESET_LINK_TTL_SECONDS", "0"),
        ("STAKIS_RESET_COOLDOWN_SECONDS", "0"),
        ("STAKIS_ACCESS_TOKEN_TTL_SECONDS", "901"),
        ("STAKIS_LIMITS", "off"),
        ("STAKIS_LIMIT_RESET", "many"),
        ("STAKIS_LIMIT_RESET_SOURCE", "many"),
        ("STAKIS_LIMIT_SPRAY", "100/20m"),
        ("STAKIS_RESET_URL", "http://stakis.example/#token={token}"),
        ("STAKIS_RESET_URL", "https://stakis.example/"),
        ("STAKIS_RESET_URL", "https://stakis.example/{token}{token}"),
        ("STAKIS_CHANGE_PASSWORD_URL", "http://stakis.example/"),
        ("STAKIS_DATABASE_URL", "mysql://x"),
        ("STAKIS_DATABASE_URL", "sqlite::memory:"),
        ("STAKIS_ENVIRONMENT", "prod"),
        ("STAKIS_TRUSTED_PROXIES", "everyone"),
        ("STAKIS_PAGES", "yes"),
        ("STAKIS_JWT_ALGORITHM", "HS256"),
        ("STAKIS_PASSWORD_MIN_LENGTH", "5"),
        ("STAKIS_PASSWORD_PROFILE", "weak"),
        ("STAKIS_PASSWORD_MAX_AGE_DAYS", "3651"),
        ("STAKIS_PASSWORD_HISTORY", "25"),
        ("STAKIS_BREACH_API_URL", "http://range.example"),
        ("STAKIS_BREACH_AT_SIGN_IN", "on"),
        ("STAKIS_TRACES_URL", "collector:4318"),
        ("STAKIS_TRACES_SAMPLE", "1.5"),
        ("STAKIS_NEW_DEVICE_MAIL", "maybe"),
        ("STAKIS_REFRESH_TOKEN_TTL_SECONDS", "0"),
        ("STAKIS_SESSION_TTL_SECONDS", "0"),
        ("STAKIS_SESSIONS_PER_ACCOUNT", "0"),
        ("STAKIS_LISTEN", "localhost"),
        ("STAKIS_OPS_LISTEN", "localhost"),
        ("STAKIS_MAIL_FALLBACK_PROVIDER", "pigeon"),
        ("STAKIS_DATABASE_URL", "postgres://stakis:50%off@db/stakis"),
        ("STAKIS_DATABASE_URL", ""),
        ("STAKIS_DATABASE_URL", "postgres://stakis:pw@db/stakis"),
        ("STAKIS_DATABASE_URL", "postgres://stakis:pw@db/stakis?sslmode=prefer"),
        ("STAKIS_DATABASE_URL", "postgres://stakis:p@ss@db/stakis?sslmode=require"),
        ("STAKIS_DATABASE_URL", "postgres://stakis:p/ss@db/stakis?sslmode=require"),
        ("STAKIS_DATABASE_POOL_SIZE", "1"),
        ("STAKIS_MAIL_API_KEY", "two\nlines"),
        ("STAKIS_PUBLIC_URL", "https://identity.example.com/sso"),
        ("STAKIS_MAIL_API_URL", "https://user:pw@mail.example.com"),
        ("STAKIS_RESET_URL", ""), // with the pages off, see below
    ] {
        let mut variables = safe_settings();
        variables.insert(name, value.to_owned());
        if (name, value) == ("STAKIS_RESET_URL", "") {
            variables.insert("STAKIS_PAGES", "off".to_owned());
        }
        let problems = problems_of(&variables);
        assert!(problems.iter().any(|problem| problem.starts_with(name)), "{name}={value}: {problems:?}");
    }
}

/// A line end at the end of a value is the most common slip of a file or a template.
fn cf_01_white_space_around_a_value_is_no_part_of_it() {
    let read = |change: fn(&str) -> String| {
        let variables = safe_settings().into_iter().map(|(name, value)| (name.to_owned(), change(&value)));
        config::read(variables).unwrap()
    };
    let padded = read(|value| format!("\t{value} \r\n"));
    assert_eq!(padded.mail.api_key.as_ref().unwrap().expose_secret(), "re_x");
    assert_eq!(format!("{padded:?}"), format!("{:?}", read(str::to_owned)));
}

fn cf_01_all_problems_at_once_and_no_secret_among_them() {
    let variables = BTreeMap::from([
        ("STAKIS_ENVIRONMENT", "production".to_owned()),
        ("STAKIS_PUBLIC_URL", "http://identity.example.com".into()),
        ("STAKIS_SECRET_KEY", "c2VjcmV0LXZhbHVl".into()),
        ("STAKIS_CORS_ORIGINS", "*".into()),
        ("STAKIS_ARGON2_MEMORY_KIB", "1024".into()),
        ("STAKIS_RESET_LINK_TTL_SECONDS", "100000".into()),
        ("STAKIS_PUBLIK_URL", "x".into()),
        ("STAKIS_MAIL_FROM", "nobody".into()),
        ("STAKIS_JWT_ALGORITHM", "HS256".into()),
    ]);
    let output = run_command(&["serve"], &variables, "");
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    for name in [
        "STAKIS_PUBLIC_URL must",
        "STAKIS_SECRET_KEY must",
        "STAKIS_CORS_ORIGINS must",
        "STAKIS_ARGON2_MEMORY_KIB must",
        "STAKIS_RESET_LINK_TTL_SECONDS must",
        "STAKIS_MAIL_FROM must",
        "STAKIS_JWT_ALGORITHM must",
        "STAKIS_MAIL_PROVIDER must",
        "STAKIS_PUBLIK_URL is not a setting; did you mean STAKIS_PUBLIC_URL?",
    ] {
        assert!(text.contains(name), "{name} is missing:\n{text}");
    }
    assert!(!text.contains("c2VjcmV0"));
}

fn cf_01_unknown_names_are_refused_and_other_people_s_passed_over() {
    let mut variables = safe_settings();
    variables.extend([
        ("STAKIS_TEST_DATABASE_URL", "x".to_owned()),
        ("STAKIS_IDENTITY_SERVICE_HOST", "10.0.0.1".into()),
        ("STAKIS_IDENTITY_SERVICE_PORT", "8080".into()),
        ("STAKIS_IDENTITY_SERVICE_PORT_HTTP", "8080".into()),
        ("STAKIS_IDENTITY_PORT", "tcp://10.0.0.1:8080".into()),
        ("STAKIS_IDENTITY_PORT_8080_TCP", "tcp://10.0.0.1:8080".into()),
        ("STAKIS_DNS_PORT_53_UDP", "udp://10.0.0.1:53".into()),
        ("STAKIS_VOICE_PORT_5060_SCTP", "sctp://10.0.0.1:5060".into()),
        ("PATH", "/bin".into()),
    ]);
    assert_eq!(problems_of(&variables), [""; 0]);
    variables.insert("STAKIS_IDENTITY_PORT", "8080".into());
    variables.insert("STAKIS_PAGES_FILE", "/x".into());
    assert_eq!(problems_of(&variables).len(), 2);
}

fn cf_01_an_unknown_limit_is_refused_with_the_nearest_one() {
    for (unknown, nearest) in [
        ("STAKIS_LIMIT_RESET_NUMBER", "STAKIS_LIMIT_RESET_NUMBERS"),
        ("STAKIS_LIMIT_SIGNIN_SOURCE", "STAKIS_LIMIT_SIGN_IN_SOURCE"),
        ("STAKIS_LIMIT", "STAKIS_LIMITS"),
        ("STAKIS_LIMIT_", "STAKIS_LIMITS"),
    ] {
        for value in ["30/1h", "off", "many", ""] {
            let mut variables = safe_settings();
            variables.insert(unknown, value.to_owned());
            let problem = format!("{unknown} is not a setting; did you mean {nearest}?");
            assert_eq!(problems_of(&variables), [problem], "{unknown}={value}");
        }
    }
}

fn cf_02_every_secret_can_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{}\n", safe_settings()["STAKIS_SECRET_KEY"])).unwrap();
    let mut variables = safe_settings();
    variables.remove("STAKIS_SECRET_KEY");
    variables.insert("STAKIS_SECRET_KEY_FILE", file.display().to_string());
    assert_eq!(problems_of(&variables), [""; 0]);
    variables.extend(safe_settings().into_iter().filter(|(name, _)| *name == "STAKIS_SECRET_KEY"));
    assert!(problems_of(&variables)[0].contains("keep one"));
    variables.remove("STAKIS_SECRET_KEY");
    variables.insert("STAKIS_SECRET_KEY_FILE", "/nowhere".into());
    assert!(problems_of(&variables)[0].contains("cannot read /nowhere"));
    for name in [
        "STAKIS_SECRET_KEY",
        "STAKIS_SECRET_KEY_PREVIOUS",
        "STAKIS_MAIL_API_KEY",
        "STAKIS_MAIL_WEBHOOK_SECRET",
        "STAKIS_MAIL_FALLBACK_API_KEY",
        "STAKIS_MAIL_FALLBACK_WEBHOOK_SECRET",
        "STAKIS_DATABASE_URL",
    ] {
        assert!(describe_settings().any(|setting| setting.name == name && setting.is_secret), "{name}");
    }
}

/// Each limit can be changed.
fn rl_14_every_limit_has_its_documented_default() {
    let limits_with = |name: &'static str, value: &str| {
        let variables = safe_settings().into_iter().chain([(name, value.to_owned())]);
        let config = config::read(variables.map(|(name, value)| (name.to_owned(), value))).unwrap();
        format!("{:?}", config.limits)
    };
    let standard = limits_with("STAKIS_LIMITS", "on");
    assert_eq!(standard, format!("{:?}", config::LimitsConfig::standard()));
    let limits: Vec<_> = describe_settings().filter(|setting| setting.name.starts_with("STAKIS_LIMIT_")).collect();
    assert_eq!(limits.len(), 22);
    for setting in limits {
        assert_eq!(limits_with(setting.name, setting.default.trim_matches('`')), standard, "{}", setting.name);
        for other in ["7/10m", "off"] {
            assert_ne!(limits_with(setting.name, other), standard, "{}={other}", setting.name);
        }
    }
}

fn cf_02_a_secret_file_that_others_can_read_gets_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    fs::write(&file, "re_x\n").unwrap();
    let mut variables = safe_settings();
    variables.remove("STAKIS_MAIL_API_KEY");
    variables.insert("STAKIS_MAIL_API_KEY_FILE", file.display().to_string());
    let warnings = || {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        config::read(variables).unwrap().warnings
    };
    for (mode, count) in [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1), (0o644, 1)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let warnings = warnings();
        assert_eq!(warnings.len(), count, "{mode:o}: {warnings:?}");
        assert!(warnings.iter().all(|warning| warning.contains("others can read it") && !warning.contains("re_x")));
    }
}

/// In production a log is read by programs, so the settings that are wrong stand there in the same form.
fn op_06_what_ends_a_process_is_a_line_of_its_log() {
    let mut variables = safe_settings();
    variables.insert("STAKIS_MAIL_API_KEY", String::new());
    for command in ["serve", "worker"] {
        let output = run_command(&[command], &variables, "");
        assert!(!output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let last = lines.last().unwrap();
        assert_eq!(last["level"], "ERROR", "{text}");
        assert!(last["error"].as_str().unwrap().contains("STAKIS_MAIL_API_KEY"), "{text}");
    }
    variables.insert("STAKIS_ENVIRONMENT", "development".to_owned());
    variables.insert("STAKIS_LISTEN", "nowhere".to_owned());
    let output = run_command(&["serve"], &variables, "");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("error: the settings are not safe to start with:\n  - STAKIS_"), "{text}");
}
