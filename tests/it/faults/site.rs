//! The service under a fault: its processes, which are the real program, with their database and their mail API.

use std::{fs, path::PathBuf};

use data_encoding::BASE64;
use stakis_identity::{
    config::DatabaseUrl,
    identity::accounts::{AccountToCreate, FirstMail, create},
    types::{CustomerNumber, EmailAddress, Locale, Password, random_bytes},
};
use tempfile::TempDir;
use tokio::task::block_in_place;

use super::{received::Received, round::is_long};
use crate::support::{
    Engine, Instances, MailApi, PostgresServer, Relay, TestDatabase, administrator, app_with, make_customers,
    open_store, process_settings,
};

/// The number of the first customer who asks for a reset. Each asks until the request is accepted, and never again.
pub(super) const FIRST_ASKING: usize = 100_000;
/// The customers who sign in.
pub(super) const SIGNING_IN: usize = 20;
pub(super) const PASSWORD: &str = "Poletne-gume-26";

/// The database of the service.
pub(super) enum Storage {
    /// One that no test stops.
    Shared(TestDatabase),
    /// A server of the test's own, which is reached through a relay.
    Own(Box<PostgresServer>, Relay),
}

pub(super) struct Site {
    pub(super) instances: Instances,
    pub(super) storage: Storage,
    pub(super) url: DatabaseUrl,
    pub(super) received: Received,
    pub(super) mail_line: Relay,
    pub(super) key_file: PathBuf,
    folder: TempDir,
    _mail_api: MailApi,
}

/// The number of the customer who signs in with this index.
pub(super) fn number_of(index: usize) -> String {
    format!("{:06}", 1000 + index % SIGNING_IN)
}

/// How many customers ask for a reset.
pub(super) fn asking() -> usize {
    if is_long() { 3000 } else { 500 }
}

impl Site {
    /// A site on a database that is shared with other tests.
    pub(super) async fn on(engine: Engine, serving: usize, workers: usize) -> Self {
        let database = TestDatabase::migrated(engine);
        let url_text = database.url_text.clone();
        Self::start(Storage::Shared(database), url_text, serving, workers).await
    }

    /// A site on a PostgreSQL server of its own, with one instance.
    pub(super) async fn with_server() -> Self {
        let server = block_in_place(PostgresServer::start);
        let relay = Relay::start(&format!("127.0.0.1:{}", server.port)).await;
        let url_text = PostgresServer::url_text(relay.port);
        Self::start(Storage::Own(Box::new(server), relay), url_text, 1, 0).await
    }

    async fn start(storage: Storage, url_text: String, serving: usize, workers: usize) -> Self {
        let url = match &storage {
            Storage::Shared(database) => database.url.clone(),
            Storage::Own(server, _) => DatabaseUrl::Postgres(PostgresServer::url_text(server.port).into()),
        };
        open_store(&url).migrate().unwrap();
        let received = Received::default();
        let mail_api = MailApi::start().await;
        mail_api.answer_with(received.clone()).await;
        let mail_line = Relay::start(mail_api.url().authority()).await;
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join("secret.key");
        fs::write(&key_file, BASE64.encode(&random_bytes::<32>())).unwrap();
        let mail_url = format!("http://127.0.0.1:{}", mail_line.port).parse().unwrap();
        let mut variables = process_settings(folder.path(), url_text, &mail_url);
        variables.extend([
            ("STAKIS_SECRET_KEY_FILE", key_file.display().to_string()),
            ("STAKIS_DRAIN_SECONDS", "1".to_owned()),
            ("STAKIS_NEW_DEVICE_MAIL", "off".to_owned()),
        ]);
        let mut site = Self {
            instances: Instances::new(variables, serving, workers),
            storage,
            url,
            received,
            mail_line,
            key_file,
            folder,
            _mail_api: mail_api,
        };
        site.make_customers().await;
        for index in 0..serving + workers {
            site.instances.start(index);
        }
        site
    }

    async fn make_customers(&self) {
        let app = app_with(&self.instances.variables, &self.url).await;
        make_customers(&app, asking()).await;
        for index in 0..SIGNING_IN {
            let account = AccountToCreate {
                customer_number: CustomerNumber::parse(&number_of(index)).unwrap(),
                email: Some(EmailAddress::parse(&format!("signing-in-{index}@example.si")).unwrap()),
                locale: Locale::Sl,
                password: Some(Password::new(PASSWORD.to_owned())),
                display_name: None,
                first_mail: FirstMail::None,
            };
            create(&app, &administrator(), account).await.unwrap();
        }
    }

    pub(super) fn server(&mut self) -> &mut PostgresServer {
        let Storage::Own(server, _) = &mut self.storage else { panic!("the site has no server of its own") };
        server
    }

    pub(super) fn database_line(&self) -> &Relay {
        let Storage::Own(_, relay) = &self.storage else { panic!("the site has no server of its own") };
        relay
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}
