//! The steps of customers, taken over HTTP. A call that takes two transactions waits between them for the range API, which
//! the test answers with the second step.

use chrono::TimeDelta;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use stakis_identity::types::UtcTime;
use tokio::task::JoinHandle;

use super::{
    comparison::reason_of,
    history::History,
    holding::Held,
    reference::Reference,
    site::{NewPassword, not_leaked},
    trouble::{Played, Trouble, agree, differ},
};
use crate::{
    model::{
        customers::Act,
        world::{Customer, REQUESTS, SESSIONS},
    },
    support::{Answer, send, text},
};

/// What the customer of a session has.
#[derive(Debug, Clone)]
pub(super) struct Tokens {
    pub(super) id: String,
    access: String,
    access_until: UtcTime,
    /// Every refresh token of the session, the newest last.
    refresh: Vec<String>,
}

/// A call that takes two transactions, and has begun.
pub(super) struct Begun {
    answering: JoinHandle<Answer>,
    /// The password about which the range API is asked.
    password: NewPassword,
    /// The question, once it came.
    held: Option<Held>,
    /// The answer of a call that has ended without a question.
    answer: Option<Answer>,
}

impl Begun {
    /// Whether the call goes on before the test has let it.
    pub(super) fn has_gone_on(&self) -> bool {
        self.held.as_ref().is_some_and(Held::is_given_up)
    }

    /// Cuts the line to the range API, without which the call goes on.
    pub(super) fn cut(&mut self) {
        self.held = None;
    }
}

/// How a call has ended, as far as it is compared.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    status: u16,
    code: Option<String>,
    reason: Option<String>,
}

impl Outcome {
    fn of(answer: &Answer) -> Self {
        let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let member = |name: &str| body[name].as_str().map(str::to_owned);
        let is_problem = answer.status >= 400;
        let code = member("code").filter(|_| is_problem);
        Self { status: answer.status, code, reason: member("reason").filter(|_| is_problem) }
    }

    fn success(status: u16) -> Self {
        Self { status, code: None, reason: None }
    }

    fn problem(status: u16, code: &str) -> Self {
        Self { code: Some(code.to_owned()), ..Self::success(status) }
    }

    fn of_link(reason: Option<&str>) -> Self {
        reason.map_or(Self::success(200), |reason| Self {
            reason: Some(reason.to_owned()),
            ..Self::problem(410, "reset-link-unusable")
        })
    }

    fn invalid_token() -> Self {
        Self::problem(401, "invalid-token")
    }

    fn invalid_credentials() -> Self {
        Self::problem(401, "invalid-credentials")
    }
}

impl History<'_> {
    /// Takes the step of a customer.
    pub(super) async fn act(&mut self, at: usize, act: Act, after: &Reference) -> Played {
        match act {
            Act::AskForReset(_) => {
                let answer = self.site.app.ask(&self.number).await;
                agree("the answer to a request", &Outcome::success(202), &Outcome::of(&answer))
            }
            Act::Withdraw(link) => {
                let token = self.token(link)?;
                let answer = self.site.app.withdraw(&token, &self.number).await;
                agree("the answer to a withdrawal", &Outcome::success(200), &Outcome::of(&answer))
            }
            Act::OpenLink(link) => {
                let (token, password) = (self.token(link)?, self.mint());
                let body = json!({
                    "token": token,
                    "customer_number": self.number,
                    "new_password": password.text,
                    "new_password_confirmation": password.text,
                });
                let request = self.site.app.request(Method::POST, "/v1/password-resets/complete").json(&body);
                self.begin(at, request, password, after.turn == Some(at)).await;
                Ok(())
            }
            Act::StartChange(session) => {
                let (access, current, password) = (self.access(session).await?, self.password()?, self.mint());
                let body = json!({
                    "current_password": current.text,
                    "new_password": password.text,
                    "new_password_confirmation": password.text,
                });
                let request = self.site.app.request(Method::POST, "/v1/account/password").bearer_auth(access);
                self.begin(at, request.json(&body), password, after.turn == Some(at)).await;
                Ok(())
            }
            Act::SignIn => {
                let password = self.password()?;
                let request = self.sign_in_request(&password.text);
                self.begin(at, request, password, true).await;
                Ok(())
            }
            Act::Complete => self.complete(at, after).await,
            Act::BeginSession => self.begin_session(at, after).await,
            Act::Change => self.change(at, after).await,
        }
    }

    async fn complete(&mut self, at: usize, after: &Reference) -> Played {
        let Customer::Completing { link } = self.before.world.customers[at] else {
            return differ(format!("customer {at} has opened no link"));
        };
        let is_set = after.world.account.password > self.before.world.account.password;
        let stage = after.world.links[usize::from(link)].expect("the link is there").stage;
        let expected = if is_set { Outcome::success(200) } else { Outcome::of_link(reason_of(stage)?) };
        let (password, answer) = self.finish(at).await?;
        agree("the answer to a new password", &expected, &Outcome::of(&answer))?;
        if is_set {
            self.passwords.push(password);
        }
        Ok(())
    }

    async fn change(&mut self, at: usize, after: &Reference) -> Played {
        let Customer::Changing { session, .. } = self.before.world.customers[at] else {
            return differ(format!("customer {at} changes no password"));
        };
        let is_set = after.world.account.password > self.before.world.account.password;
        let expected = if is_set { Outcome::success(200) } else { Outcome::invalid_token() };
        let (password, answer) = self.finish(at).await?;
        agree("the answer to a change", &expected, &Outcome::of(&answer))?;
        if is_set {
            self.passwords.push(password);
            self.keep(usize::from(session), &answer.json());
        }
        Ok(())
    }

    async fn begin_session(&mut self, at: usize, after: &Reference) -> Played {
        let is_new =
            |slot: &usize| self.before.world.sessions[*slot].is_none() && after.world.sessions[*slot].is_some();
        let new = (0..SESSIONS).find(is_new);
        let expected = if new.is_some() { Outcome::success(201) } else { Outcome::invalid_credentials() };
        let (_, answer) = self.finish(at).await?;
        agree("the answer to a sign-in", &expected, &Outcome::of(&answer))?;
        if let Some(slot) = new {
            self.keep(slot, &answer.json());
        }
        Ok(())
    }

    fn mint(&mut self) -> NewPassword {
        let password = self.site.new_password(&self.prefixes);
        self.prefixes.insert(password.prefix.clone());
        password
    }

    fn sign_in_request(&self, password: &str) -> RequestBuilder {
        let body = json!({ "customer_number": self.number, "password": password });
        self.site.app.request(Method::POST, "/v1/sessions").json(&body)
    }

    /// Begins a call. One that has the turn goes on until the range API is asked, or the call is refused.
    async fn begin(&mut self, at: usize, request: RequestBuilder, password: NewPassword, has_turn: bool) {
        let mut begun = Begun { answering: tokio::spawn(send(request)), password, held: None, answer: None };
        if has_turn {
            self.stop_between(&mut begun).await;
        }
        self.visits[at] = Some(begun);
    }

    async fn stop_between(&mut self, begun: &mut Begun) {
        tokio::select! {
            answer = &mut begun.answering => begun.answer = Some(answer.unwrap()),
            held = self.site.password_arrives(&begun.password.prefix) => begun.held = Some(held),
        }
    }

    /// Lets a call go on to its end.
    async fn finish(&mut self, at: usize) -> Played<(NewPassword, Answer)> {
        let Some(mut begun) = self.visits[at].take() else {
            return differ(format!("customer {at} has begun nothing"));
        };
        if begun.held.is_none() && begun.answer.is_none() {
            self.stop_between(&mut begun).await;
        }
        let Begun { answering, password, held, answer } = begun;
        if let Some(held) = held
            && held.answer(not_leaked()).is_err()
        {
            // What the call has done meanwhile is not known.
            drop(answering.await);
            return Err(Trouble::Disturbed);
        }
        let answer = match answer {
            Some(answer) => answer,
            None => answering.await.unwrap(),
        };
        Ok((password, answer))
    }

    /// Ends a call of a history that has ended.
    pub(super) async fn give_up(&mut self, at: usize) {
        if self.visits[at].is_some() {
            drop(self.finish(at).await);
        }
    }

    /// The token of a link, as its mail has it.
    fn token(&self, link: usize) -> Played<String> {
        let mail = self.names.mail(&self.picture, link);
        match mail.and_then(|mail| self.tokens.get(&mail)) {
            Some(token) => Ok(token.clone()),
            None => differ(format!("no mail API has got link {link}")),
        }
    }

    /// Keeps the tokens that an answer has handed out.
    fn keep(&mut self, slot: usize, body: &Value) {
        let lives_for = TimeDelta::seconds(body["expires_in"].as_i64().unwrap());
        let mut refresh = self.sessions[slot].take().map_or_else(Vec::new, |tokens| tokens.refresh);
        refresh.push(text(body, "refresh_token").to_owned());
        self.sessions[slot] = Some(Tokens {
            id: text(body, "session_id").to_owned(),
            access: text(body, "access_token").to_owned(),
            access_until: self.site.now() + lives_for,
            refresh,
        });
    }

    fn tokens_of(&self, slot: usize) -> Played<Tokens> {
        match &self.sessions[slot] {
            Some(tokens) => Ok(tokens.clone()),
            None => differ(format!("the service has no session {slot}")),
        }
    }

    /// An access token of the session, which a refresh brings where the last one has expired.
    async fn access(&mut self, slot: usize) -> Played<String> {
        if self.tokens_of(slot)?.access_until <= self.site.now() && self.before.is_live(slot) {
            self.refresh(slot).await?;
        }
        Ok(self.tokens_of(slot)?.access)
    }

    pub(super) async fn refresh(&mut self, slot: usize) -> Played {
        let tokens = self.tokens_of(slot)?;
        let is_live = self.before.is_live(slot);
        let expected = if is_live { Outcome::success(200) } else { Outcome::invalid_token() };
        let answer = self.site.app.refresh(tokens.refresh.last().unwrap()).await;
        agree(format!("the answer to a refresh of session {slot}"), &expected, &Outcome::of(&answer))?;
        if is_live {
            self.keep(slot, &answer.json());
        }
        Ok(())
    }

    pub(super) async fn refresh_with_older(&mut self, slot: usize) -> Played {
        let tokens = self.tokens_of(slot)?;
        let grace = self.site.app.config.sessions.refresh_grace + TimeDelta::seconds(1);
        self.wait_until(self.site.now() + grace);
        let answer = self.site.app.refresh(&tokens.refresh[0]).await;
        agree("the answer to an older refresh token", &Outcome::invalid_token(), &Outcome::of(&answer))
    }

    pub(super) async fn sign_out(&mut self, slot: usize) -> Played {
        let access = self.access(slot).await?;
        let expected = if self.before.is_live(slot) { Outcome::success(204) } else { Outcome::invalid_token() };
        let answer = self.site.app.call(Method::DELETE, "/v1/sessions/current", &access).await;
        agree(format!("the answer to a sign-out of session {slot}"), &expected, &Outcome::of(&answer))
    }

    pub(super) async fn verify(&mut self, link: usize) -> Played {
        let token = self.token(link)?;
        let stage = self.before.world.links[link].expect("the link is there").stage;
        let answer = self.site.app.verify(&token).await;
        let expected = Outcome::of_link(reason_of(stage)?);
        agree(format!("the answer to a look at link {link}"), &expected, &Outcome::of(&answer))
    }

    pub(super) async fn sign_in_with_wrong(&mut self) -> Played {
        let password = self.mint();
        self.fail_to_sign_in(&password).await
    }

    pub(super) async fn sign_in_with_old(&mut self) -> Played {
        let old = usize::from(self.before.world.account.password) - 1;
        let password = self.passwords[old].clone();
        self.fail_to_sign_in(&password).await
    }

    async fn fail_to_sign_in(&mut self, password: &NewPassword) -> Played {
        let answer = self.sign_in(password).await?;
        agree("the answer to a wrong password", &Outcome::invalid_credentials(), &Outcome::of(&answer))
    }

    /// Signs in without a stop.
    async fn sign_in(&mut self, password: &NewPassword) -> Played<Answer> {
        let request = self.sign_in_request(&password.text);
        let mut begun =
            Begun { answering: tokio::spawn(send(request)), password: password.clone(), held: None, answer: None };
        self.stop_between(&mut begun).await;
        if let Some(held) = begun.held {
            held.answer(not_leaked())?;
        }
        Ok(match begun.answer {
            Some(answer) => answer,
            None => begun.answering.await.unwrap(),
        })
    }

    /// Looks at every link that a mail API has got.
    pub(super) async fn check_links(&mut self) -> Played {
        for link in 0..REQUESTS {
            if self.before.world.taken[link] != 0 {
                self.verify(link).await?;
            }
        }
        Ok(())
    }

    /// The last password that was set is right, and the first one is not, unless it is the same.
    pub(super) async fn check_passwords(&mut self) -> Played {
        let (first, last) = (self.passwords[0].clone(), self.password()?);
        if self.passwords.len() > 1 {
            self.fail_to_sign_in(&first).await?;
        }
        let answer = self.sign_in(&last).await?;
        agree("the answer to the right password", &Outcome::success(201), &Outcome::of(&answer))
    }
}
