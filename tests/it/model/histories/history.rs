//! One history: the steps that the model takes are taken by the service, and after each of them both are compared.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use stakis_identity::types::UtcTime;

use super::{
    comparison::{Names, compare, name_of},
    customers::{Begun, Tokens},
    picture::Picture,
    reference::{Move, Reference},
    site::{NewPassword, Site},
    trouble::{Played, Trouble, agree, differ},
    workers::Process,
};
use crate::model::{
    reset::Step,
    world::{MAILS, NOTICE, Provider, SESSIONS},
};

/// More steps than any history needs to come to rest.
const MOST_STEPS_TO_REST: usize = 200;
/// Each step takes this long, so that no two of them happen at one moment.
const STEP: TimeDelta = TimeDelta::seconds(1);

/// A history under way.
pub(super) struct History<'a> {
    pub(super) site: &'a mut Site,
    /// The model before the step.
    pub(super) before: Reference,
    /// The rows before the step.
    pub(super) picture: Picture,
    pub(super) number: String,
    /// The passwords of the account, in the order in which they were set.
    pub(super) passwords: Vec<NewPassword>,
    /// The prefixes by which the range API was asked.
    pub(super) prefixes: BTreeSet<String>,
    epoch: i32,
    pub(super) names: Names,
    pub(super) processes: [Process; 2],
    /// The calls of the customers that are between two transactions.
    pub(super) visits: [Option<Begun>; 2],
    /// The tokens in the mails that a mail API was given, by the mail.
    pub(super) tokens: BTreeMap<String, String>,
    /// Under which identities mail APIs have taken each mail.
    pub(super) taken: BTreeMap<String, BTreeSet<(&'static str, String)>>,
    pub(super) sessions: [Option<Tokens>; SESSIONS],
}

/// What a history was, once it has come to its end.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub(super) reference: Reference,
    pub(super) steps: usize,
}

/// Plays a history to its end.
pub(super) async fn play(
    site: &mut Site,
    reference: Reference,
    steps: Vec<Move>,
    seen: impl Fn(),
) -> Played<Ended> {
    site.make_room();
    let (number, password) = site.make_customer().await?;
    let picture = Picture::take(&mut site.connection, &number);
    let mut history = History {
        epoch: picture.account().amount,
        prefixes: BTreeSet::from([password.prefix.clone()]),
        passwords: vec![password],
        number,
        picture,
        before: reference,
        names: Names::default(),
        processes: [Process::Idle, Process::Idle],
        visits: [None, None],
        tokens: BTreeMap::new(),
        taken: BTreeMap::new(),
        sessions: [None, None],
        site,
    };
    let mut played = history.play(steps, seen).await;
    if history.is_disturbed() && played.is_err() {
        played = Err(Trouble::Disturbed);
    }
    history.end().await;
    match &played {
        Ok(_) => history.site.tidy_up().await,
        Err(_) => history.site.make_room(),
    }
    played
}

impl History<'_> {
    async fn play(&mut self, steps: Vec<Move>, seen: impl Fn()) -> Played<Ended> {
        let mut count = steps.len();
        for step in steps {
            seen();
            self.step(step).await?;
        }
        let mut towards_rest = Vec::new();
        while let Some(step) = self.before.towards_rest() {
            towards_rest.push(step);
            self.step(step).await.map_err(|trouble| trouble.at_rest(&towards_rest))?;
            count += 1;
            assert!(count < MOST_STEPS_TO_REST, "the model comes to no rest: {:?}", self.before);
        }
        agree("jobs at rest", &0, &self.picture.jobs().count())?;
        self.check_links().await?;
        self.check_passwords().await?;
        Ok(Ended { reference: self.before.clone(), steps: count })
    }

    async fn step(&mut self, step: Move) -> Played {
        self.site.clock().advance(STEP);
        let after = self.before.clone().after(step);
        match step {
            Move::Model(Step::Worker(at, work)) => self.work(at, work, &after).await?,
            Move::Model(Step::Customer(at, act)) => self.act(at, act, &after).await?,
            Move::Model(impossible) => panic!("time brings it with others: {impossible:?}"),
            Move::Pause => {}
            Move::Verify(link) => self.verify(link).await?,
            Move::SignInWithWrong => self.sign_in_with_wrong().await?,
            Move::SignInWithOld => self.sign_in_with_old().await?,
            Move::Refresh(session) => self.refresh(session).await?,
            Move::RefreshWithOlder(session) => self.refresh_with_older(session).await?,
            Move::SignOut(session) => self.sign_out(session).await?,
            Move::LinksLifePasses => self.pass(self.site.app.config.reset_link_ttl),
            Move::DayPasses => self.pass(TimeDelta::days(1)),
            Move::SessionsLifePasses => self.pass(self.site.app.config.sessions.idle_ttl),
        }
        self.look();
        self.name_rows(&after);
        self.hand_over_other_notices().await?;
        self.compare(&after)?;
        self.before = after;
        Ok(())
    }

    fn pass(&self, time: TimeDelta) {
        self.site.clock().advance(time);
    }

    /// Moves the clock on, if need be.
    pub(super) fn wait_until(&self, time: UtcTime) {
        let wait = (time - self.site.now()).max(TimeDelta::zero());
        self.site.clock().advance(wait);
    }

    /// Reads the rows again.
    pub(super) fn look(&mut self) {
        self.picture = Picture::take(&mut self.site.connection, &self.number);
    }

    /// Finds the rows that are new and stand for something of the model.
    fn name_rows(&mut self, after: &Reference) {
        let new = self.picture.requests().find(|row| !self.names.requests.contains(&row.id));
        self.names.requests.extend(new.map(|row| row.id.clone()));
        if after.world.mails[NOTICE].is_some() && self.names.notice.is_none() {
            self.names.notice = self.picture.notices().next().map(|row| row.id.clone());
        }
    }

    fn compare(&self, after: &Reference) -> Played {
        compare(&after.world, &self.names, &self.picture, self.site.now())?;
        self.compare_account(after)?;
        self.compare_sessions(after)?;
        for mail in 0..MAILS {
            self.compare_taken(after, mail)?;
        }
        Ok(())
    }

    fn compare_account(&self, after: &Reference) -> Played {
        let (account, model) = (self.picture.account(), after.world.account);
        agree("the epoch of the account", &i32::from(model.epoch), &(account.amount - self.epoch))?;
        agree("passwords that were set", &usize::from(model.password), &(self.passwords.len() - 1))
    }

    fn compare_sessions(&self, after: &Reference) -> Played {
        let model = after.world.sessions.iter().flatten().count();
        agree("sessions", &model, &self.picture.sessions().count())?;
        let idle_since = self.site.now() - self.site.app.config.sessions.idle_ttl;
        for at in 0..SESSIONS {
            let row =
                self.sessions[at].as_ref().and_then(|own| self.picture.sessions().find(|row| row.id == own.id));
            let is_live = row.is_some_and(|row| {
                row.ended_at.is_none()
                    && row.amount == self.picture.account().amount
                    && row.until > Some(idle_since)
            });
            agree(format!("session {at} goes on"), &after.is_live(at), &is_live)?;
        }
        Ok(())
    }

    /// Compares the identities under which mail APIs have taken a mail.
    fn compare_taken(&self, after: &Reference, at: usize) -> Played {
        let bits = after.world.taken[at];
        let id = self.names.mail(&self.picture, at);
        let service = id.and_then(|id| self.taken.get(&id)).cloned().unwrap_or_default();
        let count = usize::try_from(bits.count_ones()).unwrap();
        agree(format!("identities of mail {at}"), &count, &service.len())?;
        for (provider, is_taken) in [(Provider::First, bits & 0xff != 0), (Provider::Second, bits >> 8 != 0)] {
            let has = service.iter().any(|(name, _)| *name == name_of(provider));
            agree(format!("{provider:?} has mail {at}"), &is_taken, &has)?;
        }
        Ok(())
    }

    /// Whether the service has given up a call that was held, and has gone on by itself.
    fn is_disturbed(&self) -> bool {
        self.visits.iter().flatten().any(Begun::has_gone_on) || self.processes.iter().any(Process::has_gone_on)
    }

    /// Ends whatever goes on.
    async fn end(&mut self) {
        self.visits.iter_mut().flatten().for_each(Begun::cut);
        for at in 0..2 {
            self.crash(at).await;
            self.give_up(at).await;
        }
    }

    /// The password of the account by the model.
    pub(super) fn password(&self) -> Played<NewPassword> {
        match self.passwords.get(usize::from(self.before.world.account.password)) {
            Some(password) => Ok(password.clone()),
            None => differ("the model has set a password that the service has not"),
        }
    }
}
