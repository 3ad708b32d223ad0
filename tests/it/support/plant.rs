//! The surroundings of worker processes: a database, a mail API that speaks Resend's form, and the settings of both.

use stakis_identity::{
    app::App,
    identity,
    store::{
        StoreError, Transaction,
        accounts::{self, NewAccount},
    },
    types::{AccountId, CustomerNumber, EmailAddress, Locale},
};
use tempfile::TempDir;
use wiremock::Respond;

use super::{Engine, MailApi, Running, TestDatabase, Variables, app_with, customer_context, process_settings};

/// Holds an app that queues requests, on the machine's clock. The workers are processes of their own.
pub(crate) struct Plant {
    pub(crate) database: TestDatabase,
    pub(crate) mail_api: MailApi,
    pub(crate) variables: Variables,
    pub(crate) app: App,
    _data: TempDir,
}

impl Plant {
    pub(crate) async fn start(engine: Engine, answers: impl Respond + 'static) -> Self {
        let data = tempfile::tempdir().unwrap();
        let database = TestDatabase::migrated(engine);
        let mail_api = MailApi::start().await;
        mail_api.answer_with(answers).await;
        let mut variables = process_settings(data.path(), database.url_text.clone(), &mail_api.url());
        variables.insert("STAKIS_OPS_LISTEN", "127.0.0.1:0".to_owned());
        // Receivers of webhooks stand on this machine.
        variables.insert("STAKIS_WEBHOOK_ALLOW", "127.0.0.1:*".to_owned());
        let app = app_with(&variables, &database.url).await;
        Self { database, mail_api, variables, app, _data: data }
    }

    /// Makes `count` customers, lets each ask for a reset, and returns their addresses.
    pub(crate) async fn queue_requests(&self, count: usize) -> Vec<String> {
        let customers = make_customers(&self.app, count).await;
        let context = customer_context();
        for (number, _) in &customers {
            identity::reset::request(&self.app, &context, reset_form(number)).await.unwrap();
        }
        customers.into_iter().map(|(_, email)| email.as_str().to_owned()).collect()
    }

    /// Starts a worker and waits until it has begun to work.
    pub(crate) fn start_worker(&self) -> Running {
        let mut worker = Running::start("worker", &self.variables);
        worker.wait_for_line("working");
        worker
    }
}

/// Makes `count` customers without a password, with the numbers from 100000 on.
pub(crate) async fn make_customers(app: &App, count: usize) -> Vec<(CustomerNumber, EmailAddress)> {
    let now = app.clock.now();
    let customers: Vec<(CustomerNumber, EmailAddress)> = (100_000..100_000 + count)
        .map(|number| {
            let email = EmailAddress::parse(&format!("delavnica-{number}@example.si")).unwrap();
            (CustomerNumber::parse(&number.to_string()).unwrap(), email)
        })
        .collect();
    let to_make = customers.clone();
    let make = move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
        for (customer_number, email) in to_make {
            let account = NewAccount {
                id: AccountId::mint(),
                customer_number,
                email: Some(email),
                locale: Locale::Sl,
                password_hash: None,
                password_cost: None,
                password_changed_at: None,
                created_at: now,
                display_name: None,
                lasting_cost: None,
            };
            accounts::insert(tx, &account)?;
        }
        Ok(())
    };
    app.database.write(make).await.unwrap();
    customers
}

fn reset_form(number: &CustomerNumber) -> identity::reset::ResetForm {
    identity::reset::ResetForm { customer_number: Some(number.as_str().to_owned()), proof: None }
}
