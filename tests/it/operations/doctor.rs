//! `doctor`: each fault is found by its check, and told without a secret.

use std::{collections::BTreeMap, fs, net::SocketAddr, os::unix::fs::PermissionsExt as _, sync::Arc};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use stakis_identity::{
    app::App,
    config::{self, DatabaseUrl},
    identity::{
        self,
        clients::Registration,
        webhooks::{self, EndpointToCreate},
    },
    types::{AllowedTarget, Scopes, SystemClock, WebhookSignature, WebhookTypes, WebhookUrl},
};
use wiremock::ResponseTemplate;

use super::production::safe_settings;
use crate::support::{
    Engine, MailApi, TestDatabase, administrator, engine_tests, execute, name_server, plain_tests, postgres_tests,
    run_command,
};

const KEY: &str = "re_a_key_that_nobody_may_read";

/// The texts of a domain that is set up well.
const GOOD: [(&str, &str); 3] = [
    ("example.com", "v=spf1 include:amazonses.com -all"),
    ("resend._domainkey.example.com", "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB"),
    ("_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"),
];

/// An installation that is set up well but for what a test plants.
struct Installation {
    variables: BTreeMap<&'static str, String>,
    resolver: SocketAddr,
    mail_api: MailApi,
    database: TestDatabase,
}

struct Report {
    status: i32,
    text: String,
    findings: Vec<Value>,
}

impl Installation {
    async fn on(database: TestDatabase) -> Self {
        let mail_api = MailApi::start().await;
        let domains = json!({ "data": [{ "name": "example.com", "status": "verified" }] });
        mail_api.answer_with(ResponseTemplate::new(200).set_body_json(domains)).await;
        let mut variables = safe_settings();
        variables.extend([
            ("STAKIS_DATABASE_URL", database.url_text.clone()),
            ("STAKIS_MAIL_API_URL", mail_api.url().to_string()),
            ("STAKIS_MAIL_API_KEY", KEY.to_owned()),
            ("STAKIS_MAIL_FROM", "internal@example.com".to_owned()),
            ("STAKIS_MAIL_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()),
        ]);
        Self { variables, resolver: name_server(&GOOD), mail_api, database }
    }

    async fn start(engine: Engine) -> Self {
        Self::on(TestDatabase::migrated(engine)).await
    }

    fn ask(&self, words: &[&str]) -> Report {
        let resolver = self.resolver.to_string();
        let words = [&["doctor", "--json", "--resolver", resolver.as_str()][..], words].concat();
        let output = run_command(&words, &self.variables, "");
        let text = String::from_utf8(output.stdout).unwrap();
        let report: Value = serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
        for secret in ["STAKIS_SECRET_KEY", "STAKIS_MAIL_API_KEY", "STAKIS_MAIL_WEBHOOK_SECRET"] {
            let secret = self.variables.get(secret);
            assert!(!secret.is_some_and(|secret| text.contains(secret)), "{text}");
        }
        let findings = report["findings"].as_array().unwrap().clone();
        let status = output.status.code().unwrap();
        let rank = |finding: &Value| match finding["severity"].as_str().unwrap() {
            "error" => 2,
            "warning" => 1,
            _ => 0,
        };
        assert_eq!(status, findings.iter().map(rank).max().unwrap(), "the status is that of the worst: {text}");
        Report { status, text, findings }
    }
}

impl Report {
    /// The severity and the sentence of a check.
    #[track_caller]
    fn of(&self, check: &str) -> (&str, &str) {
        let finding = self.findings.iter().find(|finding| finding["check"] == check);
        let finding = finding.unwrap_or_else(|| panic!("no {check} in {}", self.text));
        (finding["severity"].as_str().unwrap(), finding["seen"].as_str().unwrap())
    }

    #[track_caller]
    fn assert(&self, check: &str, severity: &str, words: &str) {
        let (found, seen) = self.of(check);
        assert!(found == severity && seen.contains(words), "{check}: {found} {seen}");
    }
}

engine_tests![
    op_11_an_installation_that_is_set_up_well_has_no_error,
    op_11_a_database_that_is_not_there_is_told_and_the_rest_goes_on,
    op_11_missing_and_newer_migrations_are_found,
    op_11_another_secret_key_is_found,
    op_11_each_fault_of_a_mail_api_is_found,
    op_11_secrets_of_webhooks_that_do_not_open_are_found,
];

async fn op_11_an_installation_that_is_set_up_well_has_no_error(engine: Engine) {
    let installed = Installation::start(engine).await;
    if let DatabaseUrl::Sqlite(path) = &installed.database.url {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let report = installed.ask(&[]);
    for finding in &report.findings {
        let severity = finding["severity"].as_str().unwrap();
        // The user of the tests may do everything, and a machine under load is slow.
        let may_warn = ["database.rights", "database.latency"].contains(&finding["check"].as_str().unwrap());
        assert!(["ok", "skipped"].contains(&severity) || may_warn && severity == "warning", "{finding}");
    }
    report.assert("database.writes", "ok", "written");
    report.assert("mail_api", "ok", "resend takes the key");
    report.assert("dns.dmarc", "ok", "asks for reject");
    report.assert("dns.link", "ok", "identity.example.com");
    report.assert("argon2", "ok", "19456 KiB and 2 iterations");
    assert!(report.status < 2);
    let rate = installed.ask(&["--rate", "1000000"]);
    rate.assert("argon2", "warning", "sign-ins a second");
}

async fn op_11_a_database_that_is_not_there_is_told_and_the_rest_goes_on(engine: Engine) {
    let installed = Installation::on(TestDatabase::empty(engine)).await;
    let report = installed.ask(&[]);
    report.assert("database.reached", "error", "there is no database with tables at");
    report.assert("database.clock", "skipped", "no database");
    report.assert("keys.signing", "skipped", "no database");
    report.assert("mail_api", "ok", "resend takes the key");
    assert_eq!(report.status, 2);
    if let DatabaseUrl::Sqlite(path) = &installed.database.url {
        assert!(!path.exists(), "a command that looks makes no database");
    }
}

async fn op_11_missing_and_newer_migrations_are_found(engine: Engine) {
    let installed = Installation::start(engine).await;
    let url = &installed.database.url;
    execute(
        url,
        "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)",
    )
    .unwrap();
    installed.ask(&[]).assert("database.migrations", "error", "1 migrations are missing");
    execute(url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000001')").unwrap();
    installed.ask(&[]).assert("database.migrations", "error", "newer version");
}

async fn op_11_another_secret_key_is_found(engine: Engine) {
    let mut installed = Installation::start(engine).await;
    installed.ask(&[]).assert("keys.signing", "ok", "none yet");
    // Any command that builds the service makes the first key.
    let made = ["client", "list"];
    assert!(run_command(&made, &installed.variables, "").status.success());
    installed.ask(&[]).assert("keys.signing", "ok", "ES256, 0 days old");
    execute(&installed.database.url, "UPDATE signing_keys SET created_at = '2020-01-01 00:00:00'").unwrap();
    installed.ask(&[]).assert("keys.signing", "warning", "ES256");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    fs::write(&file, safe_settings().remove("STAKIS_SECRET_KEY").unwrap()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let before = installed.variables.remove("STAKIS_SECRET_KEY").unwrap();
    installed.variables.insert("STAKIS_SECRET_KEY_FILE", file.display().to_string());
    let report = installed.ask(&[]);
    report.assert("keys.signing", "error", "not the one that this database was used with");
    report.assert("keys.files", "warning", "others can read it");
    installed.variables.insert("STAKIS_SECRET_KEY_PREVIOUS", before);
    let report = installed.ask(&[]);
    report.assert("keys.signing", "warning", "ES256");
    report.assert("keys.secret", "warning", "previous");
}

async fn op_11_secrets_of_webhooks_that_do_not_open_are_found(engine: Engine) {
    let installed = Installation::start(engine).await;
    installed.ask(&[]).assert("webhooks.secrets", "ok", "no endpoint");
    let variables = installed.variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let mut config = config::read(variables).unwrap();
    config.webhooks.allow = vec![AllowedTarget::parse("127.0.0.1:*").unwrap()];
    let public_url = "https://identity.example.com".parse().unwrap();
    let clock = Arc::new(SystemClock::default());
    let app = App::build(&config, &public_url, installed.mail_api.url(), clock).await.unwrap();
    let registration = Registration::of_program("Partner".into(), Scopes::parse("webhooks:write").unwrap());
    let client = identity::clients::register(&app, &administrator(), registration).await.unwrap().client;
    for path in ["a", "b"] {
        let wanted = EndpointToCreate {
            url: WebhookUrl::parse(&format!("http://127.0.0.1:9/{path}")).unwrap(),
            types: WebhookTypes::of(&[]),
            description: None,
            signature: WebhookSignature::V1a,
        };
        webhooks::create(&app, &administrator(), client.id.clone(), wanted, None).await.map(drop).unwrap();
    }
    installed.ask(&[]).assert("webhooks.secrets", "ok", "all endpoints open (2)");
    let database = &installed.database.url;
    let change =
        "UPDATE webhook_keys SET sealed_key_pair = sealed_secret WHERE id = (SELECT min(id) FROM webhook_keys)";
    execute(database, change).unwrap();
    installed.ask(&[]).assert("webhooks.secrets", "error", "1 of 2 secrets");
    execute(database, "UPDATE webhook_keys SET secret_key_id = 'another'").unwrap();
    installed.ask(&[]).assert("webhooks.secrets", "error", "2 of 2 secrets");
    // What gets no events needs no secret.
    execute(database, "UPDATE webhook_endpoints SET state = 'disabled', disabled_reason = 'gone'").unwrap();
    installed.ask(&[]).assert("webhooks.secrets", "ok", "no endpoint");
}

async fn op_11_each_fault_of_a_mail_api_is_found(engine: Engine) {
    let mut installed = Installation::start(engine).await;
    let unverified = json!({ "data": [{ "name": "example.com", "status": "pending" }] });
    for (answer, severity, words) in [
        (
            ResponseTemplate::new(401).set_body_json(json!({ "name": "invalid_api_key" })),
            "error",
            "refuses the key",
        ),
        (
            ResponseTemplate::new(401).set_body_json(json!({ "name": "restricted_api_key" })),
            "ok",
            "look nothing up",
        ),
        (ResponseTemplate::new(200).set_body_json(unverified), "error", "has not verified example.com"),
        (ResponseTemplate::new(500), "warning", "does not say"),
    ] {
        installed.mail_api.answer_with(answer).await;
        installed.ask(&[]).assert("mail_api", severity, words);
    }
    // Nothing was sent: each call only asked.
    assert!(installed.mail_api.methods().await.iter().all(|method| method == "GET"));
    installed.variables.insert("STAKIS_MAIL_API_URL", "http://127.0.0.1:1".to_owned());
    installed.variables.remove("STAKIS_MAIL_WEBHOOK_SECRET");
    let report = installed.ask(&[]);
    report.assert("mail_api", "error", "does not answer");
    report.assert("mail_events", "warning", "is not reported");
}

postgres_tests![
    op_11_a_wrong_password_and_a_closed_port_are_told_without_the_password,
    op_11_the_clock_of_the_server_is_compared,
    op_11_the_rights_of_the_user_are_looked_at,
];

async fn op_11_a_wrong_password_and_a_closed_port_are_told_without_the_password(engine: Engine) {
    let mut installed = Installation::start(engine).await;
    let right: url::Url = installed.database.url_text.parse().unwrap();
    let mut wrong = right.clone();
    wrong.set_password(Some("a-wrong-password")).unwrap();
    wrong.set_username("nobody_of_this_name").unwrap();
    installed.variables.insert("STAKIS_DATABASE_URL", wrong.to_string());
    let report = installed.ask(&[]);
    report.assert("database.reached", "error", "does not answer");
    assert!(!report.text.contains("a-wrong-password"), "{}", report.text);
    let mut closed = right;
    closed.set_port(Some(1)).unwrap();
    installed.variables.insert("STAKIS_DATABASE_URL", closed.to_string());
    let report = installed.ask(&[]);
    report.assert("database.reached", "error", "127.0.0.1:1");
    assert!(!report.text.contains(closed.password().unwrap()), "{}", report.text);
    report.assert("database.rights", "skipped", "no database");
}

/// The server's clock is ten minutes ahead: another function of its name comes first.
async fn op_11_the_clock_of_the_server_is_compared(engine: Engine) {
    let installed = Installation::start(engine).await;
    installed.ask(&[]).assert("database.clock", "ok", "differs");
    let name = installed.database.url_text.rsplit_once('/').unwrap().1.to_owned();
    execute(
        &installed.database.url,
        &format!(
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
                 $$ SELECT pg_catalog.now() + interval '10 minutes' $$;
             ALTER DATABASE {name} SET search_path = public, pg_catalog;"
        ),
    )
    .unwrap();
    installed.ask(&[]).assert("database.clock", "error", "differs");
}

async fn op_11_the_rights_of_the_user_are_looked_at(engine: Engine) {
    let mut installed = Installation::start(engine).await;
    let owner = installed.database.url.clone();
    let role = format!("reader_{}", std::process::id());
    let rights = format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'a-password-of-a-reader';
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
         REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
    );
    execute(&owner, &rights).unwrap();
    let mut url: url::Url = installed.database.url_text.parse().unwrap();
    url.set_username(&role).unwrap();
    url.set_password(Some("a-password-of-a-reader")).unwrap();
    let owner_url = installed.variables.insert("STAKIS_DATABASE_URL", url.to_string()).unwrap();
    let reader = installed.ask(&[]);
    execute(&owner, &format!("GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")).unwrap();
    let writer = installed.ask(&[]);
    installed.variables.insert("STAKIS_DATABASE_URL", owner_url);
    let superuser = installed.ask(&[]);
    execute(&owner, &format!("DROP OWNED BY {role}; DROP ROLE {role};")).unwrap();
    reader.assert("database.rights", "error", "cannot read and write accounts, ");
    reader.assert("database.writes", "error", "permission denied");
    writer.assert("database.rights", "ok", "changes none");
    writer.assert("database.writes", "ok", "written");
    let (severity, _) = superuser.of("database.rights");
    assert_eq!(severity, "warning");
    let secret = SecretString::from("a-password-of-a-reader");
    assert!(!reader.text.contains(secret.expose_secret()));
}

plain_tests![
    op_11_settings_that_are_not_safe_are_told_one_by_one,
    op_11_the_texts_of_the_sender_s_domain_are_looked_at,
];

fn variables_of(more: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
    let mut variables = safe_settings();
    variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    variables
}

fn op_11_settings_that_are_not_safe_are_told_one_by_one() {
    let variables =
        variables_of(&[("STAKIS_SECRET_KEY", "short"), ("STAKIS_PUBLIC_URL", "http://identity.example.com")]);
    let output = run_command(&["doctor", "--offline"], &variables, "");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("error    settings")).collect();
    assert_eq!(errors.len(), 2, "{text}");
    assert!(text.contains("skipped  database") && !text.contains("short\n"), "{text}");
}

fn op_11_the_texts_of_the_sender_s_domain_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("none.db").display());
    let ask = |texts: &[(&str, &str)], provider: &str, words: &[&str]| {
        let variables = variables_of(&[
            ("STAKIS_DATABASE_URL", &database),
            ("STAKIS_MAIL_PROVIDER", provider),
            ("STAKIS_MAIL_API_URL", "http://127.0.0.1:1"),
            ("STAKIS_MAIL_FROM", "internal@mail.example.com"),
        ]);
        let resolver = name_server(texts).to_string();
        let output =
            run_command(&[&["doctor", "--resolver", resolver.as_str()][..], words].concat(), &variables, "");
        String::from_utf8(output.stdout).unwrap()
    };
    let has = |text: &str, severity: &str, check: &str, words: &str| {
        let line = text.lines().find(|line| line.starts_with(severity) && line.contains(check));
        assert!(line.is_some_and(|line| line.contains(words)), "{severity} {check} {words} in:\n{text}");
    };
    let bare = ask(&[], "resend", &[]);
    has(&bare, "warning", "dns.spf", "does not say who may send");
    has(&bare, "warning", "dns.dkim", "usual selectors of resend: resend");
    has(&bare, "warning", "dns.dmarc", "forged mail");
    has(&bare, "ok", "dns.link", "identity.example.com");
    let long_key = format!("v=DKIM1; p={}", "M".repeat(392));
    let wrong = ask(
        &[
            ("mail.example.com", "v=spf1 -all"),
            ("mail.example.com", "v=spf1 +all"),
            ("brevo1._domainkey.mail.example.com", "v=DKIM1; p="),
            ("_dmarc.example.com", "v=DMARC1; p=reject; sp=none"),
        ],
        "brevo",
        &[],
    );
    has(&wrong, "error", "dns.spf", "several");
    has(&wrong, "error", "dns.dkim", "withdrawn");
    has(&wrong, "warning", "dns.dmarc", "_dmarc.example.com asks for nothing but reports");
    let own = [("20260101pm._domainkey.mail.example.com", long_key.as_str())];
    has(&ask(&own, "postmark", &[]), "skipped", "dns.dkim", "--dkim-selector");
    let named = ask(&own, "postmark", &["--dkim-selector", "20260101pm"]);
    has(&named, "ok", "dns.dkim", "20260101pm._domainkey.mail.example.com");
    has(&ask(&own, "postmark", &["--dkim-selector", "other"]), "error", "dns.dkim", "other");
    // Nobody listens there: what cannot be asked is no fault of the domain.
    let variables =
        variables_of(&[("STAKIS_DATABASE_URL", &database), ("STAKIS_MAIL_API_URL", "http://127.0.0.1:1")]);
    let output = run_command(&["doctor", "--resolver", "127.0.0.1:1"], &variables, "");
    has(&String::from_utf8(output.stdout).unwrap(), "skipped", "dns.spf", "no name server answers");
}
