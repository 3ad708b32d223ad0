//! What must hold in every state of the model, and what must happen in some.

use stateright::Property;

use super::{
    reset::Reset,
    workers,
    world::{Mail, MailStatus, NOTICE, Request, Stage, Task, Worker, World},
};

pub(super) const LINK_SERVES_ONCE: &str = "a link sets at most one password";
pub(super) const ONE_LINK: &str = "a request leads to one link at most";
pub(super) const ONE_IDENTITY: &str = "a mail has one identity for all mail APIs";
pub(super) const OLD_SESSIONS_ARE_DEAD: &str = "no session outlives the password that it began with";
pub(super) const OLD_LINKS_ARE_DEAD: &str = "no link outlives the password that it was made to replace";
pub(super) const NO_TAKEOVER: &str = "no password is set by who knows an earlier one alone";
pub(super) const NO_LOST_JOB: &str = "what is unfinished has a job or a worker";
pub(super) const ENDS_ONCE: &str = "a mail ends once";
pub(super) const KNOWN_BEFOREHAND: &str = "what a mail API has was counted before, and its link works";
const RECORD_IS_TRUE: &str = "a mail that counts as handed over was taken";
pub(super) const COMES_TO_AN_END: &str = "at rest, each request has a mail or a reason, and each mail an end";

/// A model in which these never happen would keep every promise.
pub(super) const HAPPENS: [&str; 6] = [
    "a link is used",
    "a second link is made",
    "two workers have one mail",
    "the second mail API takes a mail",
    "a mail gets too old",
    "a session goes on after its own change of the password",
];

pub(super) fn all() -> Vec<Property<Reset>> {
    let mut all = promises();
    all.extend([
        Property::sometimes(HAPPENS[0], |_, world: &World| world.links.iter().flatten().any(|link| link.uses == 1)),
        Property::sometimes(HAPPENS[1], |_, world: &World| world.links.iter().all(Option::is_some)),
        Property::sometimes(HAPPENS[2], |_, world: &World| match world.workers {
            [Worker::Calling { mail, .. }, Worker::Calling { mail: other, .. }] => mail == other,
            _ => false,
        }),
        Property::sometimes(HAPPENS[3], |_, world: &World| world.taken.iter().any(|taken| taken >> 8 != 0)),
        Property::sometimes(HAPPENS[4], |_, world: &World| {
            world.mails.iter().flatten().any(|mail| mail.status == MailStatus::Abandoned)
        }),
        Property::sometimes(HAPPENS[5], |_, world: &World| {
            world.sessions.iter().flatten().any(|session| world.is_live(*session) && session.password > 0)
        }),
    ]);
    all
}

fn promises() -> Vec<Property<Reset>> {
    vec![
        Property::always(LINK_SERVES_ONCE, |_, world: &World| {
            world.links.iter().flatten().all(|link| link.uses <= 1)
        }),
        Property::always(ONE_LINK, |_, world: &World| {
            world.links.iter().flatten().all(|link| link.times_made == 1)
        }),
        Property::always(ONE_IDENTITY, |_, world: &World| world.taken.iter().all(|taken| taken.count_ones() <= 1)),
        Property::always(OLD_SESSIONS_ARE_DEAD, |_, world: &World| {
            let mut live = world.sessions.iter().flatten().filter(|session| world.is_live(**session));
            live.all(|session| session.password == world.account.password)
        }),
        Property::always(OLD_LINKS_ARE_DEAD, |_, world: &World| {
            let mut open = world.links.iter().flatten().filter(|link| link.is_open());
            open.all(|link| link.password == world.account.password)
        }),
        Property::always(NO_TAKEOVER, |_, world: &World| !world.was_taken_over),
        Property::always(NO_LOST_JOB, |_, world: &World| nothing_is_lost(world)),
        Property::always(ENDS_ONCE, |_, world: &World| world.mails.iter().flatten().all(|mail| mail.ends <= 1)),
        Property::always(KNOWN_BEFOREHAND, |_, world: &World| (0..=NOTICE).all(|mail| is_known(world, mail))),
        Property::always(RECORD_IS_TRUE, |_, world: &World| {
            let counts = |mail: &Option<Mail>| mail.is_some_and(|mail| mail.status == MailStatus::HandedOver);
            world.mails.iter().zip(world.taken).all(|(mail, taken)| !counts(mail) || taken != 0)
        }),
        Property::always(COMES_TO_AN_END, |reset, world: &World| {
            !workers::are_at_rest(reset, world) || unfinished(world).is_empty()
        }),
    ]
}

/// The requests that are not served, and the mails that have not ended, as the tasks that are left.
fn unfinished(world: &World) -> Vec<Task> {
    let is_unfinished = |task: &Task| match *task {
        Task::Issue(request) => matches!(world.requests[usize::from(request)], Request::Stored { .. }),
        Task::Send(mail) => world.mails[usize::from(mail)].is_some_and(|mail| mail.status == MailStatus::Queued),
    };
    World::tasks().filter(is_unfinished).collect()
}

fn nothing_is_lost(world: &World) -> bool {
    let is_kept = |task| world.has_job(task) || world.workers.iter().any(|worker| worker.is_about(task));
    unfinished(world).into_iter().all(is_kept)
}

/// Whether the attempt was counted before a mail API got the mail, and the life of its link had begun.
fn is_known(world: &World, mail: usize) -> bool {
    let was_tried = world.mails[mail].is_some_and(|mail| mail.was_tried);
    let link = world.links.get(mail).copied().flatten();
    world.taken[mail] == 0 || was_tried && link.is_none_or(|link| link.stage != Stage::Made)
}
