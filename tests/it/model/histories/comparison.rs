//! Whether the tables hold what the model's world has.

use stakis_identity::types::UtcTime;

use super::{
    picture::{Picture, Row},
    trouble::{Played, agree, differ},
};
use crate::model::world::{Job, Link, Mail, MailStatus, NOTICE, Provider, REQUESTS, Request, Stage, Task, World};

/// The names of the mail APIs, as the tables have them.
pub(super) const fn name_of(provider: Provider) -> &'static str {
    match provider {
        Provider::First => "resend",
        Provider::Second => "postmark",
    }
}

/// The rows that stand for what the model numbers.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The ids of the requests.
    pub(super) requests: Vec<String>,
    /// The mail that tells of the first new password.
    pub(super) notice: Option<String>,
}

impl Names {
    /// The id of a mail of the model.
    pub(super) fn mail(&self, picture: &Picture, at: usize) -> Option<String> {
        if at == NOTICE {
            return self.notice.clone();
        }
        let links = picture.links_of(self.requests.get(at)?);
        Some(picture.mail_of(&links.first()?.id)?.id.clone())
    }

    /// What the job of the task is about.
    pub(super) fn subject(&self, picture: &Picture, task: Task) -> Option<String> {
        match task {
            Task::Issue(request) => self.requests.get(usize::from(request)).cloned(),
            Task::Send(mail) => self.mail(picture, usize::from(mail)),
        }
    }
}

/// Compares all rows but those of the account and its sessions.
pub(super) fn compare(world: &World, names: &Names, picture: &Picture, now: UtcTime) -> Played {
    for at in 0..REQUESTS {
        compare_request(world.requests[at], names.requests.get(at), picture)?;
        let links = names.requests.get(at).map_or_else(Vec::new, |request| picture.links_of(request));
        compare_link(at, world.links[at], &links, now)?;
    }
    let is_swallowed = |request: &&Request| matches!(request, Request::Swallowed);
    let swallowed = world.requests.iter().filter(is_swallowed).count();
    agree("swallowed requests", &swallowed, &usize::try_from(picture.swallowed()).unwrap())?;
    for (at, mail) in world.mails.iter().enumerate() {
        let row = names.mail(picture, at).and_then(|id| picture.mail(&id));
        compare_mail(at, *mail, row, now)?;
    }
    let jobs = World::tasks().filter(|task| world.has_job(*task)).count();
    agree("jobs", &jobs, &picture.jobs().count())?;
    for task in World::tasks() {
        let row = names.subject(picture, task).and_then(|subject| picture.job_about(&subject));
        compare_job(task, world.job(task), row)?;
    }
    Ok(())
}

fn compare_request(request: Request, id: Option<&String>, picture: &Picture) -> Played {
    // A request that was swallowed is deleted, and counted elsewhere.
    let model = match request {
        Request::NotAsked | Request::Swallowed => None,
        Request::Stored { .. } => Some(None),
        Request::LinkMade => Some(Some("link_made")),
        Request::Stale => Some(Some("stale")),
    };
    agree("the request is known", &(request != Request::NotAsked), &id.is_some())?;
    let row = id.and_then(|id| picture.request(id));
    agree("the outcome of the request", &model, &row.map(|row| row.state.as_deref()))
}

fn compare_link(at: usize, link: Option<Link>, rows: &[&Row], now: UtcTime) -> Played {
    let times_made = link.map_or(0, |link| usize::from(link.times_made));
    agree(format!("links of request {at}"), &times_made, &rows.len())?;
    let service = rows.first().map(|row| match (row.state.as_deref(), row.until) {
        (Some("used"), _) => Stage::Used,
        (Some(_), _) => Stage::Withdrawn,
        (None, None) => Stage::Made,
        (None, Some(until)) if until <= now => Stage::Expired,
        (None, Some(_)) => Stage::Live,
    });
    agree(format!("link {at}"), &link.map(|link| link.stage), &service)
}

fn compare_mail(at: usize, mail: Option<Mail>, row: Option<&Row>, now: UtcTime) -> Played {
    let (Some(mail), Some(row)) = (mail, row) else {
        return agree(format!("mail {at} is there"), &mail.is_some(), &row.is_some());
    };
    let status = match mail.status {
        MailStatus::Queued => "queued",
        MailStatus::HandedOver => "handed_over",
        MailStatus::Refused => "refused",
        MailStatus::Dropped => "dropped",
        MailStatus::Abandoned => "abandoned",
    };
    agree(format!("mail {at}"), &status, &row.state.as_deref().unwrap_or_default())?;
    agree(format!("the mail API of mail {at}"), &mail.provider.map(name_of), &row.provider.as_deref())?;
    agree(format!("mail {at} was tried"), &mail.was_tried, &(row.amount > 0))?;
    agree(format!("ends of mail {at}"), &mail.ends, &u8::from(row.ended_at.is_some()))?;
    if mail.status != MailStatus::Queued {
        return Ok(());
    }
    agree(format!("mail {at} is old"), &mail.is_old, &(row.until <= Some(now)))
}

fn compare_job(task: Task, job: Job, row: Option<&Row>) -> Played {
    let counts = matches!(task, Task::Send(_));
    let claims = |count: u8| if counts { count } else { 0 };
    let service = row.map_or(Job::None, |row| {
        let count = claims(u8::try_from(row.amount).unwrap());
        if row.ended_at.is_some() { Job::Leased(count) } else { Job::Due(count) }
    });
    agree(format!("the job of {task:?}"), &job, &service)
}

/// The end of a link, as the problem names it; `None` for a link that can be used.
pub(super) fn reason_of(stage: Stage) -> Played<Option<&'static str>> {
    match stage {
        Stage::Live => Ok(None),
        Stage::Expired => Ok(Some("expired")),
        Stage::Used => Ok(Some("used")),
        Stage::Withdrawn => Ok(Some("withdrawn")),
        Stage::Made => differ("nobody has the link of a mail that was not tried"),
    }
}
