//! What all histories on one database share: the service, three instances of it as workers, and the servers of others
//! that it calls.

use std::{collections::BTreeSet, sync::Arc};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use chrono::TimeDelta;
use data_encoding::HEXUPPER;
use secrecy::SecretString;
use stakis_identity::{
    app::App,
    config::{Config, LimitsConfig, MailConfig, MailProviderKind},
    identity::accounts::{self, AccountToCreate, FirstMail},
    mail::{HandOver, History, OutgoingMail},
    types::{Clock as _, CustomerNumber, EmailAddress, Id, Locale, MailKind, Password, UtcTime},
};

use super::{
    comparison::name_of,
    holding::{Held, Holding, Reply},
    reference::WITH_BOTH,
    trouble::Played,
};
use crate::{
    model::world::Provider,
    support::{DirectConnection, Engine, TestApp, administrator},
};

/// How long a link lives here: longer than all pauses of a history together.
const LINK_LIVES_FOR: TimeDelta = TimeDelta::hours(6);
/// With it a request is within the cool-down of every mail of its history, and with its opposite of none.
const COOLDOWN: TimeDelta = TimeDelta::days(90);
/// The failures in a row after which a mail API is healed before the next history: with those of one more history its
/// circuit breaker stays closed.
const MOST_FAILURES: u32 = 1;

/// An instance by the mail APIs that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Instance {
    Both,
    FirstAlone,
    SecondAlone,
}

impl Instance {
    const ALL: [Self; 3] = [Self::Both, Self::FirstAlone, Self::SecondAlone];

    /// The instance of a worker that hands a mail to this mail API at first.
    pub(super) fn of(worker: usize, way: Provider) -> Self {
        match way {
            Provider::First if worker == WITH_BOTH => Self::Both,
            Provider::First => Self::FirstAlone,
            Provider::Second => Self::SecondAlone,
        }
    }

    fn has(self, provider: Provider) -> bool {
        self == Self::Both || (self == Self::FirstAlone) == (provider == Provider::First)
    }
}

pub(super) struct Site {
    /// Answers the customers.
    pub(super) app: TestApp,
    workers: [App; 3],
    /// The mail APIs.
    first: Holding,
    second: Holding,
    /// The range API, by which the test stops a customer's call between its two transactions.
    range: Holding,
    /// The calls of the range API that nobody has waited for yet.
    looked_up: Vec<Held>,
    pub(super) connection: DirectConnection,
    /// How many customers there were.
    customers: u32,
    /// How many passwords there were.
    passwords: u32,
    /// The failures in a row that each instance has seen of each mail API.
    failures: [[u32; 2]; 3],
    /// Whether a history goes on, or has not come to its end.
    is_in_use: bool,
}

impl Site {
    pub(super) async fn start(engine: Engine) -> Self {
        let (first, second, range) = (Holding::start().await, Holding::start().await, Holding::start().await);
        let app = TestApp::start_with(engine, |config| {
            config.limits = LimitsConfig {
                enforced: false,
                reset_mails_address: None,
                new_device_mails: None,
                password_changed_mails: None,
                ..LimitsConfig::default()
            };
            config.sessions.new_device_mail = false;
            config.password.breach_api_url = Some(range.url.clone());
            config.password.breach_at_sign_in = true;
            config.reset_link_ttl = LINK_LIVES_FOR;
            config.reset_cooldown = -COOLDOWN;
            let api = |provider, holding: &Holding, config: &Config| MailConfig {
                provider,
                api_url: Some(holding.url.clone()),
                api_key: Some(SecretString::from("key")),
                ..config.mail.clone()
            };
            config.mail_fallback = Some(api(MailProviderKind::Postmark, &second, config));
            config.mail = api(MailProviderKind::Resend, &first, config);
        })
        .await;
        let both = app.config.clone();
        let mut first_alone = both.clone();
        first_alone.mail_fallback = None;
        first_alone.reset_cooldown = COOLDOWN;
        let mut second_alone = first_alone.clone();
        second_alone.mail = both.mail_fallback.clone().unwrap();
        let workers = [
            app.instance_with(&both).await,
            app.instance_with(&first_alone).await,
            app.instance_with(&second_alone).await,
        ];
        let connection = DirectConnection::open(&app.database.url);
        Self {
            app,
            workers,
            first,
            second,
            range,
            looked_up: Vec::new(),
            connection,
            customers: 0,
            passwords: 0,
            failures: [[0; 2]; 3],
            is_in_use: false,
        }
    }

    pub(super) fn now(&self) -> UtcTime {
        self.app.clock.now()
    }

    /// The instance as a worker.
    pub(super) fn worker(&self, instance: Instance) -> App {
        let [both, first_alone, second_alone] = &self.workers;
        match instance {
            Instance::Both => both,
            Instance::FirstAlone => first_alone,
            Instance::SecondAlone => second_alone,
        }
        .clone()
    }

    /// The next call of a mail API.
    pub(super) async fn mail_arrives(&mut self) -> (Provider, Held) {
        tokio::select! {
            held = self.first.next() => (Provider::First, held),
            held = self.second.next() => (Provider::Second, held),
        }
    }

    /// The next question about a password with this prefix.
    pub(super) async fn password_arrives(&mut self, prefix: &str) -> Held {
        let is_it = |held: &Held| held.head.starts_with(&format!("GET /range/{prefix} "));
        loop {
            if let Some(at) = self.looked_up.iter().position(is_it) {
                return self.looked_up.remove(at);
            }
            let held = self.range.next().await;
            self.looked_up.push(held);
        }
    }

    /// Counts the answer of a mail API, as its circuit breaker does.
    pub(super) fn count(&mut self, instance: Instance, provider: Provider, has_failed: bool) {
        let failures = &mut self.failures[place(instance)][place_of(provider)];
        *failures = if has_failed { *failures + 1 } else { 0 };
    }

    /// Whether an instance has failed at a mail API since that took a mail.
    pub(super) fn has_failures(&self) -> bool {
        self.failures.iter().flatten().any(|failures| *failures > 0)
    }

    /// Lets every circuit breaker that has seen failures see a success.
    async fn heal(&mut self) {
        for instance in Instance::ALL {
            for provider in [Provider::First, Provider::Second] {
                if self.failures[place(instance)][place_of(provider)] > MOST_FAILURES {
                    assert!(instance.has(provider), "{instance:?} has no {provider:?}");
                    self.hand_over_one(instance, provider).await;
                    self.count(instance, provider, false);
                }
            }
        }
    }

    async fn hand_over_one(&mut self, instance: Instance, provider: Provider) {
        let mail = OutgoingMail {
            id: Id::mint(),
            to: EmailAddress::parse("delavnica@example.si").unwrap(),
            sender_name: "STAkis".to_owned(),
            reply_to: EmailAddress::parse("pomoc@example.si").unwrap(),
            headers: Vec::new(),
            kind: MailKind::PasswordChanged,
            subject: String::new(),
            text: String::new(),
            html: String::new(),
        };
        let (app, now) = (self.worker(instance), self.now());
        let history = History { created_at: now, tried_before: false };
        let handed_over = async {
            let route = app.mailer.find_route(name_of(provider)).unwrap();
            assert!(matches!(route.hand_over(&mail, history, now).await, HandOver::Accepted { .. }));
        };
        let answered = async {
            let (_, held) = self.mail_arrives().await;
            held.answer(taken("healed")).unwrap();
        };
        tokio::join!(handed_over, answered);
    }

    /// Makes a customer with a password, and returns number and password.
    pub(super) async fn make_customer(&mut self) -> Played<(String, NewPassword)> {
        self.customers += 1;
        let number = format!("{}", 100_000 + self.customers);
        let password = self.new_password(&BTreeSet::new());
        let account = AccountToCreate {
            customer_number: CustomerNumber::parse(&number).unwrap(),
            email: Some(EmailAddress::parse(&format!("delavnica-{number}@example.si")).unwrap()),
            locale: Locale::Sl,
            password: Some(Password::new(password.text.clone())),
            display_name: None,
            first_mail: FirstMail::None,
        };
        let app = self.app.app.clone();
        let context = administrator();
        let made = async {
            accounts::create(&app, &context, account).await.unwrap();
        };
        let answered = async { self.password_arrives(&password.prefix).await.answer(not_leaked()) };
        let ((), answered) = tokio::join!(made, answered);
        answered?;
        Ok((number, password))
    }

    /// A password that nobody had before, about which the range API is asked by another prefix than about the others.
    pub(super) fn new_password(&mut self, others: &BTreeSet<String>) -> NewPassword {
        loop {
            self.passwords += 1;
            let password = NewPassword::of(format!("Zimske-gume-{}", self.passwords));
            if !others.contains(&password.prefix) {
                return password;
            }
        }
    }

    /// Makes room for a history: forgets what the one before has left, if it did not come to its end.
    pub(super) fn make_room(&mut self) {
        if std::mem::replace(&mut self.is_in_use, true) {
            self.first.clear();
            self.second.clear();
            self.range.clear();
            self.looked_up.clear();
            self.connection.execute("DELETE FROM jobs").unwrap();
        }
    }

    /// Makes ready for the next history, after one that has come to its end.
    pub(super) async fn tidy_up(&mut self) {
        self.heal().await;
        self.is_in_use = false;
    }

    pub(super) fn clock(&self) -> Arc<crate::support::ManualClock> {
        self.app.clock.clone()
    }
}

/// A password, and how the range API is asked about it.
#[derive(Debug, Clone)]
pub(super) struct NewPassword {
    pub(super) text: String,
    pub(super) prefix: String,
}

impl NewPassword {
    fn of(text: String) -> Self {
        let sum = HEXUPPER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref());
        Self { text, prefix: sum[..5].to_owned() }
    }
}

/// The answer of a range API that knows no leaked password.
pub(super) fn not_leaked() -> Reply {
    Reply::Status(200, String::new())
}

/// The answer of a mail API that has taken the mail, in the form of both.
pub(super) fn taken(id: &str) -> Reply {
    Reply::Status(200, format!(r#"{{"id":"{id}","MessageID":"{id}","ErrorCode":0}}"#))
}

const fn place(instance: Instance) -> usize {
    match instance {
        Instance::Both => 0,
        Instance::FirstAlone => 1,
        Instance::SecondAlone => 2,
    }
}

const fn place_of(provider: Provider) -> usize {
    match provider {
        Provider::First => 0,
        Provider::Second => 1,
    }
}
