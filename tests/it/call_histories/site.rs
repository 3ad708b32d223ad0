//! Three instances of the service with their database, their mail API and a receiver of webhooks.

use std::{collections::BTreeMap, fs, sync::Arc};

use data_encoding::BASE64;
use stakis_identity::{
    app::App,
    config::DatabaseUrl,
    identity::{
        self,
        accounts::{AccountToCreate, FirstMail},
        clients::Registration,
        webhooks::EndpointToCreate,
    },
    types::{
        CustomerNumber, EmailAddress, Locale, Password, Scopes, WebhookSignature, WebhookTypes, WebhookUrl,
        random_bytes,
    },
};
use tempfile::TempDir;
use tokio::task::block_in_place;
use url::Url;
use wiremock::{Mock, MockServer, Respond, matchers::any};

use super::{
    callers::Callers,
    final_tables::FinalTables,
    history::{Customer, History},
    machine::Machine,
    mailbox::Mailbox,
    receiver::Receiver,
    recorder::Recorder,
    statement_relay::{Rewritten, StatementRelay},
};
use crate::support::{
    ClockAhead, Engine, Instances, PostgresServer, Relay, TestDatabase, Variables, administrator, app_with, column,
    execute, open_store, process_settings, run_command,
};

/// How many instances there are.
pub(super) const INSTANCES: usize = 3;
/// The number of the first customer.
const FIRST: usize = 100_000;
const FIRST_PASSWORD: &str = "Poletne-gume-26";

/// The database of the service.
pub(super) enum Storage {
    /// One that nobody disturbs.
    Quiet(TestDatabase),
    /// One that is reached through a relay that changes statements.
    Rewritten(TestDatabase, StatementRelay),
    /// A server of the test's own, which it restarts and kills.
    Own(Box<PostgresServer>),
}

pub(super) struct Site {
    pub(super) instances: Instances,
    pub(super) storage: Storage,
    pub(super) url: DatabaseUrl,
    pub(super) recorder: Arc<Recorder>,
    pub(super) mailbox: Mailbox,
    pub(super) mail_line: Relay,
    pub(super) receiver: Receiver,
    pub(super) machine: Arc<Machine>,
    pub(super) customers: BTreeMap<String, Customer>,
    /// The clock of the first instance, where it can be moved.
    pub(super) clock: Option<ClockAhead>,
    events_before: usize,
    _folder: TempDir,
    _servers: [MockServer; 2],
}

/// A server that remembers nothing by itself.
async fn server(respond: impl Respond + 'static) -> MockServer {
    let server = MockServer::builder().disable_request_recording().start().await;
    Mock::given(any()).respond_with(respond).mount(&server).await;
    server
}

impl Site {
    /// A site on a database that is not disturbed. On PostgreSQL these parts of its statements are changed on their
    /// way.
    pub(super) async fn on(engine: Engine, customers: usize, rewritten: Rewritten) -> Self {
        let database = TestDatabase::migrated(engine);
        let url_text = database.url_text.clone();
        if engine == Engine::Sqlite || rewritten.is_empty() {
            return Self::start(Storage::Quiet(database), url_text, customers).await;
        }
        let mut url: Url = url_text.parse().unwrap();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let relay = StatementRelay::start(server, rewritten).await;
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(relay.port)).unwrap();
        url.set_query(Some("sslmode=disable"));
        Self::start(Storage::Rewritten(database, relay), url.to_string(), customers).await
    }

    /// A site on a PostgreSQL server of its own. The clock of its first instance can be moved.
    pub(super) async fn with_server(customers: usize) -> Self {
        let server = block_in_place(PostgresServer::start);
        let url_text = PostgresServer::url_text(server.port);
        Self::start(Storage::Own(Box::new(server)), url_text, customers).await
    }

    async fn start(storage: Storage, url_text: String, customers: usize) -> Self {
        let url = match &storage {
            Storage::Quiet(database) | Storage::Rewritten(database, _) => database.url.clone(),
            Storage::Own(_) => DatabaseUrl::Postgres(url_text.clone().into()),
        };
        open_store(&url).migrate().unwrap();
        let recorder = Arc::new(Recorder::new());
        let (mailbox, receiver) = (Mailbox::new(recorder.clone()), Receiver::new(recorder.clone()));
        let (mail_api, webhooks) = tokio::join!(server(mailbox.clone()), server(receiver.clone()));
        let mail_line = Relay::start(&mail_api.address().to_string()).await;
        let folder = tempfile::tempdir().unwrap();
        let variables = variables(&folder, url_text, mail_line.port);
        // No statement is changed while the site is prepared.
        let app = app_with(&variables, &url).await;
        let known = make_customers(&app, customers).await;
        let (client_id, secret, endpoint) = make_client(&app, &url, &webhooks.uri()).await;
        drop(app);
        let mut instances = Instances::new(variables, INSTANCES, 0);
        let clock = matches!(storage, Storage::Own(_)).then(|| ClockAhead::compile(folder.path()));
        instances.all[0].more.extend(clock.iter().flat_map(ClockAhead::variables));
        // A moment of the instances goes by before the first call, in which they publish what is there.
        let events_before = FinalTables::read(&url).events.len();
        for index in 0..INSTANCES {
            instances.start(index);
        }
        let callers = Callers::new(instances.urls(), recorder.clone());
        let machine = Arc::new(Machine::new(callers, client_id, secret, endpoint));
        Self {
            instances,
            storage,
            url,
            recorder,
            mailbox,
            mail_line,
            receiver,
            machine,
            customers: known,
            clock,
            events_before,
            _folder: folder,
            _servers: [mail_api, webhooks],
        }
    }

    pub(super) fn server(&mut self) -> &mut PostgresServer {
        let Storage::Own(server) = &mut self.storage else { panic!("the site has no server of its own") };
        server
    }

    /// Kills every instance, ends all waits and leases, as time would, and starts the instances again.
    pub(super) fn hurry(&mut self) {
        let from = self.recorder.now();
        for index in 0..INSTANCES {
            self.instances.kill(index);
        }
        let statements = "UPDATE jobs SET run_at = created_at, lease_until = NULL;
            UPDATE webhook_deliveries SET next_try_at = created_at;
            UPDATE webhook_endpoints SET lease_until = NULL, paused_until = NULL, failing_since = NULL";
        block_in_place(|| execute(&self.url, statements)).unwrap();
        for index in 0..INSTANCES {
            self.instances.start(index);
        }
        self.recorder.disturbance("everything is killed, and waits end", from);
    }

    /// What is known so far, without the tables.
    pub(super) fn history_so_far(&self) -> History {
        History {
            customers: self.customers.clone(),
            calls: self.recorder.calls(),
            mails: self.recorder.mails(),
            webhooks: self.recorder.webhooks(),
            disturbances: self.recorder.disturbances(),
            events_before: self.events_before,
            tables: FinalTables::default(),
        }
    }

    /// What is known once nothing waits.
    pub(super) fn history(&self) -> History {
        let mut tables = block_in_place(|| FinalTables::read(&self.url));
        let verified = block_in_place(|| run_command(&["audit", "verify"], &self.instances.variables, ""));
        tables.verification =
            (!verified.status.success()).then(|| String::from_utf8_lossy(&verified.stdout).into_owned());
        History { tables, ..self.history_so_far() }
    }

    /// What waits now.
    pub(super) fn waiting(&self) -> usize {
        let values = |table: &str, column_name: &str| block_in_place(|| column(&self.url, table, column_name));
        let unpublished = values("events", "position").iter().filter(|position| position.is_empty()).count();
        let tables = ["jobs", "webhook_deliveries", "audit_unsealed"];
        tables.into_iter().map(|table| values(table, "1").len()).sum::<usize>() + unpublished
    }
}

fn variables(folder: &TempDir, url_text: String, mail_port: u16) -> Variables {
    let key_file = folder.path().join("secret.key");
    fs::write(&key_file, BASE64.encode(&random_bytes::<32>())).unwrap();
    let mail_url = format!("http://127.0.0.1:{mail_port}").parse().unwrap();
    let mut variables = process_settings(folder.path(), url_text, &mail_url);
    variables.extend([
        ("STAKIS_SECRET_KEY_FILE", key_file.display().to_string()),
        ("STAKIS_WEBHOOK_ALLOW", "127.0.0.1:*".to_owned()),
        // All callers ask far more often than people do.
        ("STAKIS_RESET_COOLDOWN_SECONDS", "0".to_owned()),
        ("STAKIS_NEW_DEVICE_MAIL", "off".to_owned()),
        // No session ends since there are others.
        ("STAKIS_SESSIONS_PER_ACCOUNT", "10000".to_owned()),
        // Each earlier password costs a hash.
        ("STAKIS_PASSWORD_HISTORY", "0".to_owned()),
        // A caller whose answer was lost tries again once the service is back.
        ("STAKIS_REFRESH_GRACE_SECONDS", "60".to_owned()),
        ("STAKIS_ACCESS_TOKEN_TTL_SECONDS", "900".to_owned()),
    ]);
    variables
}

async fn make_customers(app: &App, count: usize) -> BTreeMap<String, Customer> {
    let mut customers = BTreeMap::new();
    for number in FIRST..FIRST + count {
        let account = AccountToCreate {
            customer_number: CustomerNumber::parse(&number.to_string()).unwrap(),
            email: Some(EmailAddress::parse(&format!("delavnica-{number}@example.si")).unwrap()),
            locale: Locale::Sl,
            password: Some(Password::new(FIRST_PASSWORD.to_owned())),
            display_name: None,
            first_mail: FirstMail::None,
        };
        let made = identity::accounts::create(app, &administrator(), account).await.unwrap();
        let account = made.account.id.as_str().to_owned();
        let customer = Customer { account, first_password: FIRST_PASSWORD.to_owned() };
        customers.insert(number.to_string(), customer);
    }
    customers
}

/// Makes the machine client, with an endpoint that gets every event. Returns its id, its secret and the id of the
/// endpoint.
async fn make_client(app: &App, url: &DatabaseUrl, receiver: &str) -> (String, String, String) {
    let scopes = Scopes::parse("accounts:read accounts:write events:read webhooks:write").unwrap();
    let registration = Registration::of_program("ERP".into(), scopes);
    let made = identity::clients::register(app, &administrator(), registration).await.unwrap();
    let wanted = EndpointToCreate {
        url: WebhookUrl::parse(&format!("{receiver}/events")).unwrap(),
        types: WebhookTypes::of(&[]),
        description: None,
        signature: WebhookSignature::V1,
    };
    let client = made.client.id.clone();
    let created = identity::webhooks::create(app, &administrator(), client, wanted, None).await.unwrap();
    execute(url, "UPDATE webhook_endpoints SET state = 'active'").unwrap();
    let secret = made.secret.unwrap().expose().to_owned();
    (made.client.id.as_str().to_owned(), secret, created.endpoint.id.as_str().to_owned())
}
