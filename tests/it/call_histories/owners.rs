//! Customers who use their accounts: each has several devices, which call at the same moment now and then.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::time::sleep;
use url::Url;

use super::{
    callers::{Brought, Callers},
    choices::Choices,
    history::{Act, Outcome, Seen},
    machine::Machine,
    mailbox::Mailbox,
    mixes::{Mix, Step},
};

/// How often a session presents a refresh token again: the service takes more for a theft (JW-09).
const MOST_REPEATS: usize = 3;
/// How long after a rotation the preceding token is presented.
const PRECEDING_SERVES: Duration = Duration::from_secs(10);
/// How long an access token is used.
const ACCESS_SERVES: Duration = Duration::from_mins(5);
/// How often a closing or a reopening is tried until it is acknowledged.
const TRIES: usize = 400;
const PAUSE: Duration = Duration::from_millis(100);

struct Session {
    id: String,
    access_token: String,
    refresh_token: String,
    preceding_token: Option<String>,
    repeats: usize,
    issued: Instant,
}

/// One account, as its owner knows it.
pub(super) struct Account {
    number: String,
    id: String,
    /// The passwords of which one is the present one.
    candidates: Vec<String>,
    old_password: Option<String>,
    session: Option<Session>,
    former: Option<Session>,
    used_link: Option<String>,
}

impl Account {
    pub(super) fn new(number: String, id: String, password: String) -> Self {
        Self {
            number,
            id,
            candidates: vec![password],
            old_password: None,
            session: None,
            former: None,
            used_link: None,
        }
    }

    /// Puts the session away, to be tried later.
    fn leave_session(&mut self) {
        self.former = self.session.take().or(self.former.take());
    }
}

/// Somebody with some accounts, who makes one step after the other.
pub(super) struct Owner {
    pub(super) index: usize,
    pub(super) callers: Callers,
    pub(super) machine: Arc<Machine>,
    pub(super) mailbox: Mailbox,
    pub(super) choices: Choices,
    pub(super) accounts: Vec<Account>,
    pub(super) mix: Mix,
    /// How many passwords were thought of.
    pub(super) passwords: usize,
}

fn post<'a>(path: &'a str, body: &'a Value) -> impl Fn(&Client, &Url) -> RequestBuilder + 'a {
    move |client, url| client.post(url.join(path).unwrap()).json(body)
}

fn bearing<'a>(method: Method, path: &'a str, token: &'a str) -> impl Fn(&Client, &Url) -> RequestBuilder + 'a {
    move |client, url| client.request(method.clone(), url.join(path).unwrap()).bearer_auth(token)
}

impl Owner {
    pub(super) async fn run(mut self) -> Self {
        while !self.callers.recorder.is_over() {
            let at = self.choices.below(self.accounts.len());
            let mut account = self.accounts.swap_remove(at);
            let step = self.choices.weighted(self.mix);
            Box::pin(self.step(&mut account, step)).await;
            self.accounts.push(account);
        }
        self
    }

    async fn step(&mut self, account: &mut Account, step: Step) {
        match step {
            Step::Ask => drop(self.ask(account).await),
            Step::AskTwice => {
                let (one, other) = (self.any(), self.any());
                tokio::join!(self.ask_at(account, one), self.ask_at(account, other));
            }
            Step::Verify => self.verify(account).await,
            Step::UseLink => self.use_link(account).await,
            Step::WithdrawLink => self.withdraw(account).await,
            Step::SignIn => {
                account.leave_session();
                self.sign_in(account).await;
            }
            Step::SignInWithOldPassword => self.sign_in_with_old(account).await,
            Step::UseFormerSession => self.use_former(account).await,
            Step::CloseAndReopen => self.close_and_reopen(account).await,
            Step::DescribeEndpoint => {
                let description = format!("{}-{}", self.index, self.callers.recorder.now());
                let first = self.any();
                self.machine.call(self.index, first, &Act::DescribeEndpoint { description }).await;
            }
            Step::ReadAccount | Step::Refresh | Step::RefreshTwice | Step::RefreshPreceding | Step::SignOut => {
                if account.session.is_none() {
                    self.sign_in(account).await;
                } else {
                    self.use_session(account, step).await;
                }
            }
        }
    }

    /// The index of any instance.
    fn any(&mut self) -> usize {
        self.choices.below(3)
    }

    async fn ask(&mut self, account: &Account) -> Brought {
        let first = self.any();
        self.ask_at(account, first).await
    }

    async fn ask_at(&self, account: &Account, first: usize) -> Brought {
        let act = Act::AskReset { number: account.number.clone() };
        let body = json!({ "customer_number": account.number });
        self.callers.call(self.index, first, &act, post("v1/password-resets", &body)).await
    }

    async fn verify(&mut self, account: &Account) {
        // A link that was used is opened again now and then.
        let used = account.used_link.clone().filter(|_| self.choices.below(4) == 0);
        let Some(token) = used.or_else(|| self.mailbox.newest_link(&account.number)) else {
            self.ask(account).await;
            return;
        };
        let body = json!({ "token": token });
        let act = Act::Verify { number: account.number.clone(), token };
        let first = self.any();
        self.callers.call(self.index, first, &act, post("v1/password-resets/verify", &body)).await;
    }

    async fn withdraw(&mut self, account: &Account) {
        let Some(token) = self.mailbox.take_link(&account.number) else {
            self.ask(account).await;
            return;
        };
        let body = json!({ "token": token, "customer_number": account.number });
        let act = Act::Withdraw { number: account.number.clone(), token };
        let first = self.any();
        self.callers.call(self.index, first, &act, post("v1/password-resets/withdraw", &body)).await;
    }

    fn next_password(&mut self) -> String {
        self.passwords += 1;
        format!("Zimske-gume-{}-{}", self.index, self.passwords)
    }

    async fn use_link(&mut self, account: &mut Account) {
        let Some(token) = self.mailbox.take_link(&account.number) else {
            self.ask(account).await;
            return;
        };
        let passwords = [self.next_password(), self.next_password()];
        let firsts = [self.any(), self.any()];
        let (one, other) = tokio::join!(
            self.complete(&account.number, &token, &passwords[0], firsts[0]),
            self.complete(&account.number, &token, &passwords[1], firsts[1]),
        );
        let before = account.candidates.clone();
        for (password, outcome) in passwords.into_iter().zip([one, other]) {
            match outcome {
                Outcome::Done => account.candidates = vec![password],
                Outcome::Unknown => account.candidates.push(password),
                Outcome::Refused => {}
            }
        }
        if account.candidates != before {
            account.old_password = before.into_iter().next();
            account.leave_session();
        }
        account.used_link = Some(token);
    }

    async fn complete(&self, number: &str, token: &str, password: &str, first: usize) -> Outcome {
        let body = json!({
            "token": token,
            "customer_number": number,
            "new_password": password,
            "new_password_confirmation": password,
        });
        let (number, token, password) = (number.to_owned(), token.to_owned(), password.to_owned());
        let act = Act::Complete { number, token, password };
        let brought = self.callers.call(self.index, first, &act, post("v1/password-resets/complete", &body)).await;
        if brought.is(&act) {
            Outcome::Done
        } else if brought.is_refusal() {
            Outcome::Refused
        } else {
            Outcome::Unknown
        }
    }

    /// Signs in with the passwords that may be right.
    async fn sign_in(&mut self, account: &mut Account) {
        // The newest one is the likeliest.
        for password in account.candidates.clone().into_iter().rev() {
            let brought = self.sign_in_with(account, &password).await;
            if let Seen::Issued { session, token } = brought.seen {
                account.candidates = vec![password];
                account.session = Some(Session {
                    id: session,
                    access_token: brought.body["access_token"].as_str().unwrap().to_owned(),
                    refresh_token: token,
                    preceding_token: None,
                    repeats: 0,
                    issued: Instant::now(),
                });
                return;
            }
            if !brought.is_refusal() {
                return;
            }
        }
    }

    async fn sign_in_with(&mut self, account: &Account, password: &str) -> Brought {
        let act = Act::SignIn { number: account.number.clone(), password: password.to_owned() };
        let body = json!({ "customer_number": account.number, "password": password });
        let first = self.any();
        self.callers.call(self.index, first, &act, post("v1/sessions", &body)).await
    }

    async fn sign_in_with_old(&mut self, account: &mut Account) {
        if let Some(password) = account.old_password.clone() {
            self.sign_in_with(account, &password).await;
        } else {
            self.use_link(account).await;
        }
    }

    async fn use_session(&mut self, account: &mut Account, step: Step) {
        let first = self.any();
        let session = account.session.as_mut().unwrap();
        let is_old = session.issued.elapsed() > ACCESS_SERVES;
        match step {
            Step::SignOut => {
                let act = Act::SignOut { session: session.id.clone() };
                let request = bearing(Method::DELETE, "v1/sessions/current", &session.access_token);
                self.callers.call(self.index, first, &act, request).await;
                account.leave_session();
            }
            Step::ReadAccount if !is_old => {
                let act = Act::ReadAccount { session: session.id.clone() };
                let request = bearing(Method::GET, "v1/account", &session.access_token);
                if self.callers.call(self.index, first, &act, request).await.is_refusal() {
                    account.leave_session();
                }
            }
            Step::RefreshTwice if session.repeats < MOST_REPEATS => {
                session.repeats += 1;
                let (id, token) = (session.id.clone(), session.refresh_token.clone());
                let other = first + 1;
                let (one, other) =
                    tokio::join!(self.refresh(&id, &token, first), self.refresh(&id, &token, other),);
                rotate(account, if matches!(one.seen, Seen::Issued { .. }) { one } else { other });
            }
            Step::RefreshPreceding
                if session.repeats < MOST_REPEATS && session.issued.elapsed() < PRECEDING_SERVES =>
            {
                if let Some(token) = session.preceding_token.clone() {
                    session.repeats += 1;
                    let id = session.id.clone();
                    self.refresh(&id, &token, first).await;
                }
            }
            _ => {
                let (id, token) = (session.id.clone(), session.refresh_token.clone());
                let brought = self.refresh(&id, &token, first).await;
                rotate(account, brought);
            }
        }
    }

    async fn refresh(&self, session: &str, token: &str, first: usize) -> Brought {
        let act = Act::Refresh { session: session.to_owned(), token: token.to_owned() };
        let body = json!({ "refresh_token": token });
        self.callers.call(self.index, first, &act, post("v1/sessions/refresh", &body)).await
    }

    /// Tries what should be refused.
    async fn use_former(&mut self, account: &mut Account) {
        let Some(former) = account.former.take() else {
            self.ask(account).await;
            return;
        };
        let first = self.any();
        let act = Act::ReadAccount { session: former.id.clone() };
        if former.issued.elapsed() < ACCESS_SERVES {
            let request = bearing(Method::GET, "v1/account", &former.access_token);
            self.callers.call(self.index, first, &act, request).await;
        }
        if former.repeats < MOST_REPEATS {
            self.refresh(&former.id, &former.refresh_token, first + 1).await;
        }
    }

    async fn close_and_reopen(&mut self, account: &mut Account) {
        let number = account.number.clone();
        self.administer(&account.id, &Act::Close { number: number.clone() }, "close").await;
        if account.session.is_some() {
            self.use_session(account, Step::ReadAccount).await;
        }
        if let [password] = &account.candidates[..] {
            let password = password.clone();
            self.sign_in_with(account, &password).await;
        }
        self.administer(&account.id, &Act::Reopen { number }, "reopen").await;
        account.leave_session();
    }

    /// Does an act of administration until it is acknowledged.
    async fn administer(&mut self, id: &str, act: &Act, name: &str) {
        for _ in 0..TRIES {
            let first = self.any();
            let path = format!("v1/accounts/{id}/{name}");
            if self.machine.call_at(self.index, first, act, &path).await.is(act) {
                return;
            }
            sleep(PAUSE).await;
        }
    }
}

/// Takes the successor of a refresh token. Without an answer the token is presented again.
fn rotate(account: &mut Account, brought: Brought) {
    let Some(session) = account.session.as_mut() else { return };
    match brought.seen {
        Seen::Issued { token, .. } => {
            session.preceding_token = Some(std::mem::replace(&mut session.refresh_token, token));
            brought.body["access_token"].as_str().unwrap().clone_into(&mut session.access_token);
            session.issued = Instant::now();
        }
        Seen::Nothing | Seen::Status(500..) if session.repeats < MOST_REPEATS => session.repeats += 1,
        _ => account.leave_session(),
    }
}
