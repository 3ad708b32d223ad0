//! The steps of workers, taken by the functions that they stand for.

use chrono::TimeDelta;
use stakis_identity::{
    identity,
    store::{
        StoreError,
        jobs::{self, Job},
    },
    types::{Actor, Id, RequestContext},
};
use tokio::task::JoinHandle;

use super::{
    comparison::name_of,
    history::History,
    holding::{Held, Reply},
    reference::Reference,
    site::{Instance, taken},
    trouble::{Played, agree, differ},
};
use crate::model::{
    workers::Work,
    world::{Answer, Provider, Task, Worker},
};

/// How long a job is claimed, as `jobs::queue` does.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// An instance passes a mail API over for less than this after a failure.
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(61);

/// What a worker has in hand.
pub(super) enum Process {
    Idle,
    /// It has claimed a job.
    Claimed {
        job: Job,
        about: String,
    },
    /// It hands a mail over, and the call waits for its answer.
    Calling(Call),
}

/// A mail that is being handed over.
pub(super) struct Call {
    /// `identity::outbox::send`.
    sending: JoinHandle<Result<(), String>>,
    instance: Instance,
    mail: String,
    provider: Provider,
    held: Held,
    /// What the mail API answers, once it has decided. The answer is on its way until the worker takes its next step.
    reply: Option<(Answer, Reply)>,
}

impl Process {
    /// Whether the worker goes on before the test has let it.
    pub(super) fn has_gone_on(&self) -> bool {
        matches!(self, Self::Calling(call) if call.held.is_given_up())
    }
}

/// What became of a call.
enum Went {
    To(Provider, Held),
    Ended,
}

impl History<'_> {
    /// Takes the step of a worker.
    pub(super) async fn work(&mut self, at: usize, work: Work, after: &Reference) -> Played {
        match work {
            Work::Claim(task) => self.processes[at] = self.claim(task).await?,
            Work::Serve => self.serve(at, Instance::Both).await?,
            Work::ServeWithinCooldown => self.serve(at, Instance::FirstAlone).await?,
            Work::Prepare(way) => self.prepare(at, way).await?,
            Work::Call { takes, answer } => self.decide(at, takes, answer)?,
            Work::TieToNext | Work::Record => self.hear(at).await?,
            Work::Crash => self.crash(at).await,
        }
        let calls = match after.world.workers[at] {
            Worker::Calling { way, .. } | Worker::Answered { way, .. } => Some(way),
            Worker::Idle | Worker::Serving { .. } | Worker::Preparing { .. } => None,
        };
        let service = match &self.processes[at] {
            Process::Calling(call) => Some(call.provider),
            Process::Idle | Process::Claimed { .. } => None,
        };
        agree(format!("the mail API that worker {at} calls"), &calls, &service)
    }

    async fn claim(&mut self, task: Task) -> Played<Process> {
        let Some(about) = self.names.subject(&self.picture, task) else {
            return differ(format!("{task:?} is claimed, and the service has nothing of it"));
        };
        if matches!(task, Task::Send(_)) && self.site.has_failures() {
            self.site.clock().advance(LONGEST_PAUSE);
        }
        Ok(Process::Claimed { job: self.claim_about(&about).await?, about })
    }

    /// Claims the job about a request or a mail once it can be claimed: when it is due, or its lease has run out.
    async fn claim_about(&mut self, about: &str) -> Played<Job> {
        let Some(row) = self.picture.job_about(about).cloned() else {
            return differ("a job is claimed that the service does not have");
        };
        for time in [row.until, row.ended_at].into_iter().flatten() {
            self.wait_until(time);
        }
        // Where several are due, this one goes before the others.
        let goes_before = self.picture.jobs().count() > 1;
        let priority = if goes_before { -1 } else { jobs::LAST };
        if goes_before {
            self.site
                .connection
                .execute(&format!("UPDATE jobs SET priority = -1 WHERE id = '{}'", row.id))
                .unwrap();
        }
        let database = &self.site.app.app.database;
        let claimed = database
            .write(move |tx| -> Result<_, StoreError> { jobs::claim_due(tx, tx.now + LEASE, priority, 1) })
            .await
            .unwrap();
        if goes_before {
            self.site.connection.execute(&format!("UPDATE jobs SET priority = 0 WHERE id = '{}'", row.id)).unwrap();
        }
        match claimed.into_iter().next() {
            Some(job) if job.id.as_str() == row.id => Ok(job),
            other => differ(format!("{} can be claimed, and {other:?} was", row.id)),
        }
    }

    /// What the worker has claimed, which it gives up for the next step.
    fn claimed(&mut self, at: usize) -> (Job, String) {
        match std::mem::replace(&mut self.processes[at], Process::Idle) {
            Process::Claimed { job, about } => (job, about),
            Process::Idle | Process::Calling(_) => panic!("worker {at} has claimed nothing"),
        }
    }

    async fn serve(&mut self, at: usize, instance: Instance) -> Played {
        let (job, request) = self.claimed(at);
        let app = self.site.worker(instance);
        let served = identity::reset::issue_link(&app, &context(), &job, Id::from_text(request)).await;
        served.map(drop).or_else(|error| differ(format!("serving failed: {error:?}")))
    }

    async fn prepare(&mut self, at: usize, way: Provider) -> Played {
        let (job, mail) = self.claimed(at);
        let instance = Instance::of(at, way);
        let mut sending = self.send(instance, job, &mail);
        if let Went::To(provider, held) = self.went(&mut sending).await? {
            self.note_token(&mail, provider, &held);
            let reply = None;
            self.processes[at] = Process::Calling(Call { sending, instance, mail, provider, held, reply });
        }
        Ok(())
    }

    fn send(&self, instance: Instance, job: Job, mail: &str) -> JoinHandle<Result<(), String>> {
        let (app, mail) = (self.site.worker(instance), Id::from_text(mail.to_owned()));
        tokio::spawn(async move {
            let sent = identity::outbox::send(&app, &context(), &job, mail).await;
            sent.map(drop).map_err(|error| format!("{error:?}"))
        })
    }

    /// Waits until the mail arrives at a mail API, or no mail API gets it.
    async fn went(&mut self, sending: &mut JoinHandle<Result<(), String>>) -> Played<Went> {
        tokio::select! {
            ended = sending => match ended.unwrap() {
                Ok(()) => Ok(Went::Ended),
                Err(error) => differ(format!("sending failed: {error}")),
            },
            (provider, held) = self.site.mail_arrives() => Ok(Went::To(provider, held)),
        }
    }

    /// The mail API decides about the mail. The worker does not hear of it yet.
    fn decide(&mut self, at: usize, takes: bool, answer: Answer) -> Played {
        let Process::Calling(call) = &mut self.processes[at] else {
            return differ(format!("worker {at} calls no mail API"));
        };
        if takes {
            let identity = (name_of(call.provider), key_of(call.provider, &call.held));
            self.taken.entry(call.mail.clone()).or_default().insert(identity);
        }
        let reply = match answer {
            Answer::Taken => taken(&call.mail),
            Answer::RefusedNow => Reply::Status(429, "{}".to_owned()),
            Answer::RefusedForGood => Reply::Status(422, "{}".to_owned()),
            Answer::Unclear if takes => Reply::Cut,
            Answer::Unclear => Reply::Status(500, "{}".to_owned()),
        };
        call.reply = Some((answer, reply));
        Ok(())
    }

    /// The worker hears the answer: it records the outcome, or the next mail API gets the mail.
    async fn hear(&mut self, at: usize) -> Played {
        let call = match std::mem::replace(&mut self.processes[at], Process::Idle) {
            Process::Calling(call) => call,
            Process::Idle | Process::Claimed { .. } => return differ(format!("worker {at} calls no mail API")),
        };
        let Call { mut sending, instance, mail, provider, held, reply } = call;
        let (answer, reply) = reply.expect("the mail API has decided");
        held.answer(reply)?;
        self.site.count(instance, provider, answer != Answer::Taken);
        if let Went::To(provider, held) = self.went(&mut sending).await? {
            self.note_token(&mail, provider, &held);
            let reply = None;
            self.processes[at] = Process::Calling(Call { sending, instance, mail, provider, held, reply });
        }
        Ok(())
    }

    /// The process of the worker ends.
    pub(super) async fn crash(&mut self, at: usize) {
        if let Process::Calling(call) = std::mem::replace(&mut self.processes[at], Process::Idle) {
            call.sending.abort();
            drop(call.sending.await);
        }
    }

    /// Hands over the notices that the model leaves out.
    pub(super) async fn hand_over_other_notices(&mut self) -> Played {
        let own = self.names.notice.clone();
        let is_other = |id: &str| own.as_deref() != Some(id);
        let waiting =
            self.picture.notices().find(|row| is_other(&row.id) && row.state.as_deref() == Some("queued"));
        let Some(mail) = waiting.map(|row| row.id.clone()) else { return Ok(()) };
        let job = self.claim_about(&mail).await?;
        let mut sending = self.send(Instance::SecondAlone, job, &mail);
        if let Went::To(provider, held) = self.went(&mut sending).await? {
            held.answer(taken(&mail))?;
            self.site.count(Instance::SecondAlone, provider, false);
            self.went(&mut sending).await?;
        }
        self.look();
        Ok(())
    }

    /// Notes the token in a mail, which a mail API was given.
    fn note_token(&mut self, mail: &str, provider: Provider, held: &Held) {
        let body: serde_json::Value = serde_json::from_slice(&held.body).unwrap();
        let text = body[if provider == Provider::First { "text" } else { "TextBody" }].as_str().unwrap();
        if let Some((_, rest)) = text.split_once("/change-password#token=") {
            let token = rest.split_whitespace().next().unwrap();
            self.tokens.insert(mail.to_owned(), token.to_owned());
        }
    }
}

/// The key by which a mail API recognises a mail that it is given again.
fn key_of(provider: Provider, held: &Held) -> String {
    let body: serde_json::Value = serde_json::from_slice(&held.body).unwrap();
    match provider {
        Provider::First => {
            let key = held.head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("idempotency-key").then_some(value)
            });
            key.expect("the mail has a key").to_owned()
        }
        Provider::Second => body["Metadata"]["message_id"].as_str().expect("the mail has an id").to_owned(),
    }
}

fn context() -> RequestContext {
    RequestContext::of(Actor::Service)
}
