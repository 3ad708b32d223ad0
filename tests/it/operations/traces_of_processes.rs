//! Traces and log lines of the program itself: what joins the lines of one reset, and collectors that do not work.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::TcpListener,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time;

use super::production::safe_settings;
use crate::support::{Customer, Engine, MailApi, Serving, TestDatabase, TraceCollector, engine_tests, run_command};

engine_tests![
    lo_02_the_log_joins_a_reset_to_its_jobs_and_its_mail,
    lo_02_every_line_of_a_request_has_its_ids_once,
    lo_10_a_process_hands_its_last_spans_over_when_it_ends,
    lo_10_a_collector_that_is_gone_costs_one_line_and_no_request,
    lo_10_a_collector_without_an_answer_holds_no_request_and_no_end,
];

/// A service in production, with an account.
struct Production {
    serving: Serving,
    mail_api: MailApi,
    client: reqwest::Client,
    _database: TestDatabase,
}

impl Production {
    async fn start(engine: Engine, more: &[(&'static str, &str)]) -> Self {
        let database = TestDatabase::migrated(engine);
        let mail_api = MailApi::start().await;
        let mut variables: BTreeMap<&str, String> = safe_settings();
        variables.extend([
            ("STAKIS_DATABASE_URL", database.url_text.clone()),
            ("STAKIS_MAIL_API_URL", mail_api.url().to_string()),
            ("STAKIS_OPS_LISTEN", "off".to_owned()),
            ("STAKIS_DRAIN_SECONDS", "0".to_owned()),
        ]);
        variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let Customer { number, email, password } = Customer::ANA;
        let create = ["account", "create", "--customer-number", number, "--email", email, "--password-stdin"];
        let made = run_command(&create, &variables, password);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let serving = Serving::start(&database, &variables);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { serving, mail_api, client, _database: database }
    }

    async fn post(&self, path: &str, request_id: &str, body: Value) -> u16 {
        let request = self.client.post(self.serving.url.join(path).unwrap()).json(&body);
        request.header("x-request-id", request_id).send().await.unwrap().status().as_u16()
    }

    /// Asks for a reset, and waits until the log says that its mail was handed over.
    async fn reset(&self, request_id: &str) {
        let body = json!({ "customer_number": Customer::ANA.number });
        assert_eq!(self.post("/v1/password-resets", request_id, body).await, 202);
        self.wait_for(|line| line["outcome"] == "handed_over" && line["request_id"] == request_id).await;
        assert_eq!(self.mail_api.mails().await.len(), 1);
    }

    fn lines(&self) -> Vec<Value> {
        let log = self.serving.log();
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
    }

    async fn wait_for(&self, is_wanted: impl Fn(&Value) -> bool) {
        for _ in 0..600 {
            if self.lines().iter().any(&is_wanted) {
                return;
            }
            time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no such line:\n{}", self.serving.log());
    }

    /// Ends the process as an operator does, and returns its log.
    async fn end(mut self) -> String {
        self.serving.signal("TERM");
        let ended = tokio::task::spawn_blocking(move || {
            let status = self.serving.process.child.wait().unwrap();
            assert!(status.success(), "{}", self.serving.log());
            self.serving.log()
        });
        ended.await.unwrap()
    }
}

async fn lo_02_the_log_joins_a_reset_to_its_jobs_and_its_mail(engine: Engine) {
    let service = Production::start(engine, &[]).await;
    service.reset("ask-1").await;
    let mut lines: Vec<Value> = service.lines().into_iter().filter(|line| line["request_id"] == "ask-1").collect();
    // The first job may be done before the line of its request is written.
    lines.sort_by_key(|line| line["job.kind"].as_str().map(ToOwned::to_owned));
    let told: Vec<_> = lines.iter().map(|line| [&line["message"], &line["outcome"]]).collect();
    assert_eq!(
        json!(told),
        json!([["answered", "ok"], ["job ended", "link_made"], ["job ended", "handed_over"]]),
        "{lines:#?}"
    );
    let traces: BTreeSet<_> = lines.iter().map(|line| line["trace_id"].as_str().unwrap()).collect();
    assert_eq!(traces.len(), 1);
    let [request, link, mail] = lines.as_slice() else { panic!("{lines:#?}") };
    for (name, value) in [
        ("level", json!("INFO")),
        ("method", json!("POST")),
        ("route", json!("/v1/password-resets")),
        ("status", json!(202)),
        ("actor", json!("anonymous")),
        ("source", json!("127.0.0.0/24")),
    ] {
        assert_eq!(request[name], value, "{name}");
    }
    assert!(request["microseconds"].is_u64() && link["microseconds"].is_u64());
    assert!(chrono::DateTime::parse_from_rfc3339(request["timestamp"].as_str().unwrap()).is_ok());
    assert_eq!(
        [link, mail].map(|line| (line["actor"].as_str().unwrap(), line["job.kind"].as_str().unwrap())),
        [("service", "issue_reset_link"), ("service", "send_mail")]
    );
    assert_eq!(mail["mail.kind"], "reset_link");
    // The mail API keeps the id of the mail.
    let key = service.mail_api.mails().await[0].idempotency_key.clone().unwrap();
    assert!(key.contains(mail["mail.id"].as_str().unwrap()), "{key}: {mail}");
    for line in &lines {
        let text = line.to_string();
        assert!(!text.contains(Customer::ANA.email) && !text.contains("\"004217"), "{text}");
    }
}

/// With few lines in the log, too: an error must lead to its request.
async fn lo_02_every_line_of_a_request_has_its_ids_once(engine: Engine) {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let breach_api = format!("https://{gone}");
    let more = [("RUST_LOG", "warn,stakis_identity::cli=info"), ("STAKIS_BREACH_API_URL", breach_api.as_str())];
    let service = Production::start(engine, &more).await;
    let Customer { number, password, .. } = Customer::ANA;
    let body = json!({ "customer_number": number, "password": password });
    let signed_in = service.client.post(service.serving.url.join("/v1/sessions").unwrap()).json(&body);
    let signed_in: Value = signed_in.send().await.unwrap().json().await.unwrap();
    let change = json!({
        "current_password": password,
        "new_password": "Zimske-gume-27",
        "new_password_confirmation": "Zimske-gume-27",
    });
    let request = service.client.post(service.serving.url.join("/v1/account/password").unwrap());
    let request = request.bearer_auth(signed_in["access_token"].as_str().unwrap()).json(&change);
    assert_eq!(request.header("x-request-id", "change-1").send().await.unwrap().status(), 200);
    service.wait_for(|line| line["request_id"] == "change-1").await;
    let text = service.serving.log();
    let line = text.lines().find(|line| line.contains("change-1")).unwrap();
    assert!(line.contains("the range API gave no answer") && line.contains("\"trace_id\""), "{line}");
    assert_eq!(line.matches("change-1").count(), 1, "{line}");
    assert!(!text.contains("answered"), "{text}");
}

async fn lo_10_a_process_hands_its_last_spans_over_when_it_ends(engine: Engine) {
    let collector = TraceCollector::start().await;
    let more = [("STAKIS_TRACES_URL", collector.url()), ("STAKIS_TRACES_SAMPLE", "1".to_owned())];
    let service = Production::start(engine, &more.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    service.reset("ask-1").await;
    service.end().await;
    let spans = collector.spans().await;
    let mut names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["POST", "POST /v1/password-resets", "issue_reset_link", "send_mail"]);
}

async fn lo_10_a_collector_that_is_gone_costs_one_line_and_no_request(engine: Engine) {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{gone}");
    let service = Production::start(engine, &[("STAKIS_TRACES_URL", &url), ("STAKIS_TRACES_SAMPLE", "1")]).await;
    service.reset("ask-1").await;
    let is_about_it =
        |line: &Value| line["message"].as_str().is_some_and(|text| text.contains("does not take traces"));
    service.wait_for(is_about_it).await;
    // The failure goes on, and further calls are served.
    for round in 0..3 {
        let body = json!({ "customer_number": Customer::ANA.number });
        assert_eq!(service.post("/v1/password-resets", &format!("again-{round}"), body).await, 202);
    }
    let log = service.end().await;
    assert_eq!(log.matches("does not take traces").count(), 1, "{log}");
    assert!(log.contains("connection refused"), "{log}");
}

async fn lo_10_a_collector_without_an_answer_holds_no_request_and_no_end(engine: Engine) {
    // It takes connections, and nobody reads from them.
    let hole = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", hole.local_addr().unwrap());
    let service = Production::start(engine, &[("STAKIS_TRACES_URL", &url), ("STAKIS_TRACES_SAMPLE", "1")]).await;
    service.reset("ask-1").await;
    let log = service.end().await;
    assert!(log.contains("the last traces have not reached the collector"), "{log}");
}
