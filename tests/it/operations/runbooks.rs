//! The runbooks of `docs/operations.md`, walked: what they say to type runs in a shell, over a service in that situation, and prints what
//! they say.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    os::unix::fs::symlink,
    process::Command,
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{task::block_in_place, time::sleep};
use wiremock::ResponseTemplate;

use crate::support::{
    Engine, MailApi, Serving, TestDatabase, column, execute, plain_tests, postgres_tests, refusal,
};

postgres_tests![with "curl":
    op_06_runbook_mail_api_down,
    op_06_runbook_spray,
    op_06_runbook_walk,
    op_06_runbook_key_leaked,
    op_06_runbook_mass_reset,
    op_06_runbook_postgresql_full,
    op_06_runbook_one_mailbox_provider_refuses_us,
];

plain_tests![op_06_runbooks_have_signs_commands_and_an_end,];

const PAGE: &str = include_str!("../../../docs/operations.md");
const PATIENCE: Duration = Duration::from_secs(30);
const PASSWORD: &str = "Poletne-gume-26";

/// A command of a runbook, and the lines that it prints. `…` stands for any text.
struct Step {
    command: String,
    printed: Vec<String>,
}

/// The runbooks: their headings and texts.
fn runbooks() -> BTreeMap<&'static str, &'static str> {
    let section = PAGE.split("\n## Runbooks\n").nth(1).unwrap().split("\n## ").next().unwrap();
    section.split("\n### ").skip(1).map(|text| text.split_once('\n').unwrap()).collect()
}

/// The blocks of commands of a runbook, in their order.
fn blocks(heading: &str) -> Vec<Vec<Step>> {
    let mut blocks = Vec::new();
    let mut lines = runbooks()[heading].lines();
    while let Some(start) = lines.find(|line| line.trim_start() == "```console") {
        let indent = start.len() - start.trim_start().len();
        let mut steps: Vec<Step> = Vec::new();
        for line in lines.by_ref().take_while(|line| line.trim_start() != "```") {
            let line = &line[indent..];
            match line.strip_prefix("$ ") {
                Some(command) => steps.push(Step { command: command.to_owned(), printed: Vec::new() }),
                None => steps.last_mut().unwrap().printed.push(line.to_owned()),
            }
        }
        blocks.push(steps);
    }
    blocks
}

fn matches(printed: &str, line: &str) -> bool {
    let pieces: Vec<&str> = printed.split('…').collect();
    let [first, .., last] = pieces.as_slice() else { return printed == line };
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for piece in &pieces[1..pieces.len() - 1] {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

/// A service with its database and its mail API, and the shell of its operator.
struct Situation {
    // The process ends before its database goes.
    serving: Serving,
    database: TestDatabase,
    mail_api: MailApi,
    settings: BTreeMap<&'static str, String>,
    shell: BTreeMap<&'static str, String>,
    client: Client,
    programs: TempDir,
}

impl Situation {
    async fn start(engine: Engine, more: &[(&'static str, &str)]) -> Self {
        let database = TestDatabase::migrated(engine);
        let mail_api = MailApi::start().await;
        let programs = tempfile::tempdir().unwrap();
        symlink(env!("CARGO_BIN_EXE_stakis-identity"), programs.path().join("stakis-identity")).unwrap();
        let mut settings = BTreeMap::from([
            ("STAKIS_DATABASE_URL", database.url_text.clone()),
            ("STAKIS_DATA_DIR", programs.path().join("data").display().to_string()),
            ("STAKIS_MAIL_PROVIDER", "resend".to_owned()),
            ("STAKIS_MAIL_API_URL", mail_api.url().to_string()),
            ("STAKIS_MAIL_API_KEY", "re_secret".to_owned()),
        ]);
        settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let serving = Serving::start(&database, &settings);
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let mut situation =
            Self { database, mail_api, serving, settings, shell: BTreeMap::new(), client, programs };
        situation.open_shell();
        situation
    }

    /// The environment that the runbooks ask for.
    fn open_shell(&mut self) {
        let operations = block_in_place(|| self.serving.process.wait_for_address("metrics listener"));
        self.shell = self.settings.clone();
        let programs = self.programs.path().display();
        self.shell.insert("PATH", format!("{programs}:/usr/local/bin:/usr/bin:/bin"));
        self.shell.insert("NO_PROXY", "127.0.0.1".to_owned());
        self.shell.insert("OPS", format!("http://{operations}"));
        self.shell.insert("URL", self.serving.url.as_str().trim_end_matches('/').to_owned());
        self.shell.insert("STAKIS_OPS_LISTEN", operations);
    }

    fn restart(&mut self) {
        self.serving = Serving::start(&self.database, &self.settings);
        self.open_shell();
    }

    /// Runs a command in the shell, and returns what it prints.
    fn run(&self, command: &str) -> String {
        let mut shell = Command::new("bash");
        shell.args(["-o", "pipefail", "-c", command]).env_clear().envs(&self.shell);
        let output = block_in_place(|| shell.output()).unwrap();
        let mut text = String::from_utf8(output.stdout).unwrap();
        write!(text, "{}", String::from_utf8_lossy(&output.stderr)).unwrap();
        assert!(output.status.success(), "{command}\n{text}");
        text
    }

    /// Types each command of a block, and finds each line that the runbook promises.
    fn walk(&self, block: &[Step]) {
        assert!(!block.is_empty());
        for Step { command, printed } in block {
            let text = self.run(command);
            for line in printed {
                assert!(text.lines().any(|found| matches(line, found)), "{command}\nlacks {line}:\n{text}");
            }
        }
    }

    /// Waits until the series of a metric with this label add up to a value.
    async fn wait_for(&self, metric: &str, label: &str, least: f64) {
        let started = Instant::now();
        loop {
            let text = self.run("curl -s \"$OPS/metrics\"");
            let series =
                text.lines().filter(|line| line.starts_with(&format!("{metric}{{")) && line.contains(label));
            let value: f64 = series.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum();
            if value >= least {
                return;
            }
            let log = self.serving.log();
            assert!(started.elapsed() < PATIENCE, "{metric} of {label} stays below {least}:\n{text}\n{log}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.client.post(self.serving.url.join(path).unwrap()).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn ask(&self, number: &str) -> u16 {
        self.post("v1/password-resets", &json!({ "customer_number": number })).await.0
    }

    async fn sign_in(&self, number: &str, password: &str) -> u16 {
        self.post("v1/sessions", &json!({ "customer_number": number, "password": password })).await.0
    }

    /// Makes the customer of the runbooks.
    fn make_customer(&self) {
        self.run(&format!(
            "printf %s {PASSWORD} | stakis-identity account create --customer-number 004217 \
             --email delavnica@example.si --password-stdin"
        ));
    }

    fn execute(&self, statement: &str) {
        execute(&self.database.url, statement).unwrap();
    }
}

async fn op_06_runbook_mail_api_down(engine: Engine) {
    let mut situation = Situation::start(engine, &[]).await;
    situation.make_customer();
    situation.mail_api.answer_with(refusal(401, "invalid_api_key")).await;
    assert_eq!(situation.ask("004217").await, 202);
    situation.wait_for("stakis_alarms_total", "alarm=\"mail_api\"", 1.0).await;
    situation.wait_for("stakis_mails_total", "outcome=\"deferred\"", 1.0).await;
    let [signs, end] = &blocks("Mail API down")[..] else { panic!("two blocks") };
    situation.walk(signs);
    situation.mail_api.recover().await;
    situation.restart();
    // The statement ends the wait of the mail, as time would.
    situation.execute("UPDATE jobs SET run_at = created_at, lease_until = NULL");
    situation.wait_for("stakis_mails_total", "outcome=\"handed_over\"", 1.0).await;
    situation.walk(end);
    assert_eq!(situation.mail_api.mails().await.len(), 1);
}

async fn op_06_runbook_spray(engine: Engine) {
    let situation = Situation::start(engine, &[("STAKIS_LIMIT_SPRAY", "5/10m")]).await;
    situation.make_customer();
    assert_eq!(situation.sign_in("004217", PASSWORD).await, 201);
    for number in 500_000..500_005 {
        assert_eq!(situation.sign_in(&number.to_string(), "Ugibanje-26").await, 401);
    }
    situation.wait_for("stakis_alarms_total", "alarm=\"spray\"", 1.0).await;
    assert_eq!(situation.sign_in("500009", "Ugibanje-26").await, 403);
    for block in blocks("Spray") {
        situation.walk(&block);
    }
    assert_eq!(column(&situation.database.url, "accounts", "password_expired_because"), ["locked-down"]);
}

/// The token of a client that support uses, and the client's id.
async fn support_client(situation: &Situation) -> (String, String) {
    let made = situation.run("stakis-identity client create --name Desk --scope support:read --json");
    let made: Value = serde_json::from_str(&made).unwrap();
    let [id, secret] = ["client_id", "client_secret"].map(|name| made[name].as_str().unwrap().to_owned());
    let url = situation.serving.url.join("oauth2/token").unwrap();
    let asked = situation.client.post(url).basic_auth(&id, Some(secret));
    let asked =
        asked.header("content-type", "application/x-www-form-urlencoded").body("grant_type=client_credentials");
    let answer: Value = asked.send().await.unwrap().json().await.unwrap();
    (answer["access_token"].as_str().unwrap().to_owned(), id)
}

async fn op_06_runbook_walk(engine: Engine) {
    let mut situation = Situation::start(engine, &[("STAKIS_LIMIT_SUPPORT_NUMBERS", "2/1h")]).await;
    for number in 500_000..500_010 {
        assert_eq!(situation.ask(&number.to_string()).await, 202);
    }
    assert_eq!(situation.ask("500010").await, 429);
    let (token, id) = support_client(&situation).await;
    let mut statuses = Vec::new();
    for number in ["500001", "500002", "500003"] {
        let url = situation.serving.url.join("v1/support/diagnosis").unwrap();
        let asked = situation.client.post(url).bearer_auth(&token).json(&json!({ "customer_number": number }));
        statuses.push(asked.send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 429]);
    situation.wait_for("stakis_alarms_total", "alarm=\"walk\"", 2.0).await;
    situation.shell.insert("CLIENT", id);
    for block in blocks("Walk") {
        situation.walk(&block);
    }
}

async fn op_06_runbook_key_leaked(engine: Engine) {
    let situation = Situation::start(engine, &[]).await;
    situation.make_customer();
    assert_eq!(situation.sign_in("004217", PASSWORD).await, 201);
    for block in blocks("Key leaked") {
        situation.walk(&block);
    }
    assert_eq!(situation.sign_in("004217", PASSWORD).await, 201);
}

async fn op_06_runbook_mass_reset(engine: Engine) {
    let situation = Situation::start(engine, &[]).await;
    situation.make_customer();
    let blocks = blocks("Mass reset");
    let [expire, see] = &blocks[..] else { panic!("two blocks") };
    situation.walk(expire);
    assert_eq!(situation.sign_in("004217", PASSWORD).await, 403);
    situation.wait_for("stakis_sign_ins_total", "outcome=\"expired\"", 1.0).await;
    situation.walk(see);
}

/// The disk is not full here: what is typed in order to see shows it as it is.
async fn op_06_runbook_postgresql_full(engine: Engine) {
    let situation = Situation::start(engine, &[]).await;
    for block in blocks("PostgreSQL full") {
        situation.walk(&block);
    }
}

async fn op_06_runbook_one_mailbox_provider_refuses_us(engine: Engine) {
    let situation = Situation::start(engine, &[]).await;
    situation.make_customer();
    situation.mail_api.answer_with(ResponseTemplate::new(200).set_body_json(json!({ "id": "p1" }))).await;
    assert_eq!(situation.ask("004217").await, 202);
    situation.wait_for("stakis_mails_total", "outcome=\"handed_over\"", 1.0).await;
    // As the delivery events of the mail API store it.
    situation.execute(
        "UPDATE mails SET delivery = 'bounced_soft', bounce_cause = 'policy', smtp_code = '550 5.7.1',
             delivery_at = now() AT TIME ZONE 'utc';
         INSERT INTO suppressions (address, reason, since) VALUES ('delavnica@example.si', 'hard_bounce', now())",
    );
    let blocks = blocks("One mailbox provider refuses us");
    let [signs, lift, end] = &blocks[..] else { panic!("three blocks") };
    situation.walk(signs);
    situation.walk(lift);
    situation.execute("UPDATE mails SET delivery = 'delivered', bounce_cause = NULL");
    situation.walk(end);
}

fn op_06_runbooks_have_signs_commands_and_an_end() {
    let runbooks = runbooks();
    let headings: Vec<&str> = runbooks.keys().copied().collect();
    assert_eq!(
        headings,
        [
            "Key leaked",
            "Mail API down",
            "Mass reset",
            "One mailbox provider refuses us",
            "PostgreSQL full",
            "Restore from backup",
            "Spray",
            "Walk",
        ]
    );
    for (heading, text) in runbooks {
        assert!(text.contains("**Signs.**"), "{heading}");
        // That one leads to a section of its own.
        let leads_on = heading == "Restore from backup";
        assert_eq!(text.contains("**It is over**"), !leads_on, "{heading}");
        assert_eq!(blocks(heading).is_empty(), leads_on, "{heading}");
    }
    assert!(
        matches("a … c", "a b c") && matches("…|…", "1|2") && !matches("a … c", "a b d") && !matches("0", "10")
    );
}
