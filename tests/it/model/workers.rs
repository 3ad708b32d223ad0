//! The steps of the workers and of the mail APIs. Each step is one transaction of the service, or one call; a crash lies
//! between two of them, since a transaction that is under way leaves nothing behind.

use super::{
    faults::Fault,
    reset::Reset,
    world::{Answer, Job, Link, Mail, MailStatus, NOTICE, Provider, Request, Stage, Task, Worker, World},
};

/// One step of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// `store::jobs::claim_due`: a job that is due, or whose lease has run out.
    Claim(Task),
    /// `identity::reset::issue_link`, whose one transaction is `serve`: the job goes; link, mail and the job of the mail come.
    Serve,
    /// As `Serve`, where `verdict::judge` finds the request within the cool-down of a mail that went out.
    ServeWithinCooldown,
    /// `identity::outbox::prepare`: the mail is dropped, or it is tied to this mail API and the life of its link starts.
    Prepare(Provider),
    /// `mail::Route::hand_over`: what the mail API does, and what the worker hears of it.
    Call { takes: bool, answer: Answer },
    /// `identity::outbox::send::tie_to`: the next mail API is to get the mail.
    TieToNext,
    /// `identity::outbox::record_outcome`.
    Record,
    /// The process dies, and another one takes its place.
    Crash,
}

/// What may happen next to the worker at this place.
pub(super) fn steps(reset: &Reset, world: &World, at: usize) -> Vec<Work> {
    let mut steps = match world.workers[at] {
        Worker::Idle => return claims(reset, world),
        Worker::Serving { request } => {
            let other = world.mails[..NOTICE].iter().enumerate().any(|(mail, row)| {
                mail != usize::from(request) && row.is_some_and(|row| row.status == MailStatus::HandedOver)
            });
            if other { vec![Work::Serve, Work::ServeWithinCooldown] } else { vec![Work::Serve] }
        }
        Worker::Preparing { mail, .. } => match world.mails[usize::from(mail)].and_then(|mail| mail.provider) {
            Some(held) => vec![Work::Prepare(held)],
            // The circuit breaker of the first mail API may be open.
            None => vec![Work::Prepare(Provider::First), Work::Prepare(Provider::Second)],
        },
        Worker::Calling { .. } => calls(world),
        Worker::Answered { was_held: false, way: Provider::First, answer: Answer::RefusedNow, .. } => {
            vec![Work::TieToNext, Work::Record]
        }
        Worker::Answered { .. } => vec![Work::Record],
    };
    if world.left.crashes > 0 {
        steps.push(Work::Crash);
    }
    steps
}

fn claims(reset: &Reset, world: &World) -> Vec<Work> {
    let can_be_claimed = |task: &Task| match world.job(*task) {
        Job::None => false,
        Job::Due(_) => true,
        Job::Leased(_) if reset.has(Fault::LeaseNeverEnds) => false,
        // The lease runs out: its worker is dead, or slow.
        Job::Leased(_) => !world.has_worker(*task) || world.left.slow_workers > 0,
    };
    World::tasks().filter(can_be_claimed).map(Work::Claim).collect()
}

/// Whether no worker does anything before somebody asks for something.
pub(super) fn are_at_rest(reset: &Reset, world: &World) -> bool {
    world.workers == [Worker::Idle; 2] && claims(reset, world).is_empty()
}

fn calls(world: &World) -> Vec<Work> {
    let mut calls = vec![Work::Call { takes: true, answer: Answer::Taken }];
    if world.left.failed_calls > 0 {
        calls.extend([
            Work::Call { takes: true, answer: Answer::Unclear },
            Work::Call { takes: false, answer: Answer::Unclear },
            Work::Call { takes: false, answer: Answer::RefusedNow },
            Work::Call { takes: false, answer: Answer::RefusedForGood },
        ]);
    }
    calls
}

/// Takes the step.
pub(super) fn take(reset: &Reset, world: &mut World, at: usize, work: Work) {
    let worker = world.workers[at];
    world.workers[at] = match (work, worker) {
        (Work::Claim(task), _) => claim(reset, world, task),
        (Work::Crash, _) => {
            world.left.crashes -= 1;
            Worker::Idle
        }
        (Work::Serve | Work::ServeWithinCooldown, Worker::Serving { request }) => {
            serve(reset, world, request, work == Work::ServeWithinCooldown);
            Worker::Idle
        }
        (Work::Prepare(way), Worker::Preparing { mail, claim }) => prepare(reset, world, mail, claim, way),
        (Work::Call { takes, answer }, Worker::Calling { mail, claim, was_held, way }) => {
            if takes {
                world.taken[usize::from(mail)] |= identity(reset, way, claim);
            }
            if answer != Answer::Taken {
                world.left.failed_calls -= 1;
            }
            Worker::Answered { mail, claim, was_held, way, answer }
        }
        (Work::TieToNext, Worker::Answered { mail, claim, .. }) => tie_to_next(reset, world, mail, claim),
        (Work::Record, Worker::Answered { .. }) => {
            record(reset, world, worker);
            Worker::Idle
        }
        impossible => unreachable!("{impossible:?}"),
    };
}

fn claim(reset: &Reset, world: &mut World, task: Task) -> Worker {
    let has_worker = world.has_worker(task);
    let job = world.job_mut(task);
    let claim = match (*job, task) {
        // The transaction that serves a request does not look at the number of its claim.
        (_, Task::Issue(_)) => 0,
        (Job::Due(claims) | Job::Leased(claims), _) => claims + 1,
        (Job::None, _) => unreachable!("a job that is gone is claimed"),
    };
    if matches!(job, Job::Leased(_)) && has_worker {
        world.left.slow_workers -= 1;
    }
    let job = world.job_mut(task);
    *job = if reset.has(Fault::JobEndsWithItsClaim) { Job::None } else { Job::Leased(claim) };
    match task {
        Task::Issue(request) => Worker::Serving { request },
        Task::Send(mail) => Worker::Preparing { mail, claim },
    }
}

/// `jobs::finish`, and then `verdict::judge` with what follows from it.
fn serve(reset: &Reset, world: &mut World, request: u8, is_within_cooldown: bool) {
    let at = usize::from(request);
    let job = std::mem::replace(&mut world.issues[at], Job::None);
    if job == Job::None && !reset.has(Fault::JobEndsWithItsClaim) && !reset.has(Fault::RequestIsServedTwice) {
        return;
    }
    let Request::Stored { is_old } = world.requests[at] else {
        if reset.has(Fault::RequestIsServedTwice) {
            make(world, at);
        }
        return;
    };
    let is_waiting = |link: usize| {
        let is_queued = world.mails[link].is_some_and(|mail| mail.status == MailStatus::Queued);
        is_queued && world.links[link].is_some_and(Link::is_open)
    };
    let waiting = (0..world.links.len()).find(|link| is_waiting(*link));
    world.requests[at] = if is_old {
        Request::Stale
    } else if let Some(waiting) = waiting {
        world.mails[waiting].iter_mut().for_each(|mail| mail.is_old = false);
        Request::Swallowed
    } else if is_within_cooldown {
        Request::Swallowed
    } else {
        make(world, at);
        Request::LinkMade
    };
}

fn make(world: &mut World, at: usize) {
    let times_made = world.links[at].map_or(0, |link| link.times_made) + 1;
    world.links[at] = Some(Link { stage: Stage::Made, uses: 0, password: world.account.password, times_made });
    world.mails[at] = Some(Mail::QUEUED);
    world.sends[at] = Job::Due(0);
}

/// `jobs::confirm_lease`.
fn has_lease(world: &World, mail: u8, claim: u8) -> bool {
    world.sends[usize::from(mail)] == Job::Leased(claim)
}

fn prepare(reset: &Reset, world: &mut World, mail: u8, claim: u8, way: Provider) -> Worker {
    let at = usize::from(mail);
    let Some(row) = world.mails[at] else { unreachable!("a job without its mail") };
    if !has_lease(world, mail, claim) && !reset.has(Fault::JobEndsWithItsClaim) {
        return Worker::Idle;
    }
    if row.status != MailStatus::Queued {
        world.sends[at] = Job::None;
        return Worker::Idle;
    }
    let link_has_ended = world.links.get(at).copied().flatten().is_some_and(|link| !link.is_open());
    if row.is_old || link_has_ended {
        end(world, mail, if row.is_old { MailStatus::Abandoned } else { MailStatus::Dropped });
        return Worker::Idle;
    }
    if !reset.has(Fault::HandedOverBeforeCommit) {
        begin_attempt(reset, world, at, way);
    }
    Worker::Calling { mail, claim, was_held: row.provider.is_some(), way }
}

/// `mails::begin_attempt` and `reset_links::set_expires_at`.
fn begin_attempt(reset: &Reset, world: &mut World, at: usize, way: Provider) {
    tie(reset, world, at, way);
    if let Some(Some(link)) = world.links.get_mut(at)
        && link.is_open()
    {
        link.stage = Stage::Live;
    }
}

/// `mails::begin_attempt`. The life of the link goes on.
fn tie(reset: &Reset, world: &mut World, at: usize, way: Provider) {
    if let Some(row) = &mut world.mails[at] {
        row.was_tried = true;
        row.provider = if reset.has(Fault::MailIsTiedToNoProvider) { None } else { Some(way) };
    }
}

/// The bit of the identity that a mail API sees: the mail is the key, so each mail API has one bit of each mail.
fn identity(reset: &Reset, way: Provider, claim: u8) -> u16 {
    let key = if reset.has(Fault::KeyOfTheAttempt) { claim } else { 0 };
    let of_provider = if way == Provider::First { 0 } else { 8 };
    1 << (of_provider + u16::from(key))
}

fn tie_to_next(reset: &Reset, world: &mut World, mail: u8, claim: u8) -> Worker {
    if !has_lease(world, mail, claim) {
        return Worker::Idle;
    }
    tie(reset, world, usize::from(mail), Provider::Second);
    Worker::Calling { mail, claim, was_held: false, way: Provider::Second }
}

fn record(reset: &Reset, world: &mut World, worker: Worker) {
    let Worker::Answered { mail, claim, was_held, way, answer } = worker else { return };
    if !has_lease(world, mail, claim) && !reset.has(Fault::LeaseIsNotConfirmed) {
        return;
    }
    let at = usize::from(mail);
    if reset.has(Fault::HandedOverBeforeCommit) {
        begin_attempt(reset, world, at, way);
    }
    match answer {
        Answer::Taken => end(world, mail, MailStatus::HandedOver),
        Answer::RefusedForGood => end(world, mail, MailStatus::Refused),
        Answer::RefusedNow | Answer::Unclear => {
            // `jobs::reschedule` and `mails::set_deferred`.
            if has_lease(world, mail, claim) {
                world.sends[at] = Job::Due(claim);
            }
            if let Some(row) = &mut world.mails[at] {
                let is_held = was_held || answer == Answer::Unclear;
                row.provider = is_held.then_some(way).filter(|_| !reset.has(Fault::MailIsTiedToNoProvider));
            }
        }
    }
}

/// `Attempt::end`.
fn end(world: &mut World, mail: u8, status: MailStatus) {
    let at = usize::from(mail);
    if let Some(row) = &mut world.mails[at] {
        row.status = status;
        row.ends += 1;
    }
    world.sends[at] = Job::None;
}
