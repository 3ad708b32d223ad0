//! What the model remembers: the rows of the database, what the processes hold in memory, and what the mail APIs have.

/// How many resets may be asked for. Each may lead to a link and a mail of its own.
pub(super) const REQUESTS: usize = 2;
/// The mail that tells the owner of a new password, behind the mails of the links.
pub(super) const NOTICE: usize = REQUESTS;
pub(super) const MAILS: usize = REQUESTS + 1;
pub(super) const SESSIONS: usize = 2;

/// A row of `reset_requests`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Request {
    NotAsked,
    /// Accepted, and its job is queued.
    Stored {
        /// Its time to be served is over.
        is_old: bool,
    },
    /// It has led to a link and a mail.
    LinkMade,
    /// Counted in `swallowed_requests`: an earlier mail answers it.
    Swallowed,
    /// It was not served in time, which is recorded.
    Stale,
}

/// How far a row of `reset_links` has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// `expires_at` is null: its mail has not been tried.
    Made,
    Live,
    Expired,
    Used,
    Withdrawn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Link {
    pub(super) stage: Stage,
    /// How many passwords it has set.
    pub(super) uses: u8,
    /// The password of the account when the link was made.
    pub(super) password: u8,
    pub(super) times_made: u8,
}

impl Link {
    /// `ended_at` is null.
    pub(super) fn is_open(self) -> bool {
        !matches!(self.stage, Stage::Used | Stage::Withdrawn)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Provider {
    First,
    Second,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum MailStatus {
    Queued,
    HandedOver,
    Refused,
    Dropped,
    Abandoned,
}

/// A row of `mails`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mail {
    pub(super) status: MailStatus,
    /// The mail API that may have it.
    pub(super) provider: Option<Provider>,
    /// Whether an attempt is counted.
    pub(super) was_tried: bool,
    /// How often an end was recorded.
    pub(super) ends: u8,
    /// Its time to be served is over.
    pub(super) is_old: bool,
}

impl Mail {
    pub(super) const QUEUED: Self =
        Self { status: MailStatus::Queued, provider: None, was_tried: false, ends: 0, is_old: false };
}

/// A row of `jobs`, or none. The number counts the claims (`attempts`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Job {
    None,
    Due(u8),
    Leased(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Task {
    Issue(u8),
    Send(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Account {
    /// Counts the passwords that were set.
    pub(super) password: u8,
    pub(super) epoch: u8,
}

/// A row of `sessions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Session {
    pub(super) epoch: u8,
    pub(super) has_ended: bool,
    /// The password by which its customer was last known.
    pub(super) password: u8,
}

/// What a mail API has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Answer {
    Taken,
    /// Certainly not taken; later perhaps.
    RefusedNow,
    /// Never to be taken.
    RefusedForGood,
    /// No answer: the mail API may have the mail.
    Unclear,
}

/// What the process of a worker holds in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Worker {
    Idle,
    Serving { request: u8 },
    Preparing { mail: u8, claim: u8 },
    Calling { mail: u8, claim: u8, was_held: bool, way: Provider },
    Answered { mail: u8, claim: u8, was_held: bool, way: Provider, answer: Answer },
}

impl Worker {
    /// Whether it works on the task, under whatever claim.
    pub(super) fn is_about(self, task: Task) -> bool {
        match (self, task) {
            (Self::Serving { request }, Task::Issue(other)) => request == other,
            (
                Self::Preparing { mail, .. } | Self::Calling { mail, .. } | Self::Answered { mail, .. },
                Task::Send(other),
            ) => mail == other,
            _ => false,
        }
    }

    /// Whether it works on the row as it is now: on a request whoever has claimed it, on a mail under its own claim.
    pub(super) fn is_at(self, task: Task, job: Job) -> bool {
        match (self, task) {
            (Self::Serving { request }, Task::Issue(other)) => request == other && job != Job::None,
            (
                Self::Preparing { mail, claim }
                | Self::Calling { mail, claim, .. }
                | Self::Answered { mail, claim, .. },
                Task::Send(other),
            ) => mail == other && job == Job::Leased(claim),
            _ => false,
        }
    }
}

/// What the process that serves a customer holds in memory, between two transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Customer {
    Idle,
    /// The link was live when it was read, and the new password is being hashed.
    Completing {
        link: u8,
    },
    /// The password was right, by the account as it was read.
    SigningIn {
        password: u8,
        epoch: u8,
    },
    /// Session and current password were right, and the new password is being hashed.
    Changing {
        session: u8,
        password: u8,
        epoch: u8,
    },
}

/// How often something may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Left {
    /// Resets that are asked for.
    pub(super) requests: u8,
    /// What customers begin.
    pub(super) acts: u8,
    /// Workers that die.
    pub(super) crashes: u8,
    /// Leases that run out while their worker lives.
    pub(super) slow_workers: u8,
    /// Calls that a mail API fails.
    pub(super) failed_calls: u8,
    /// Requests and mails that get too old, and links that expire.
    pub(super) expiries: u8,
    /// Notices of new passwords that are followed. Further ones take the same steps.
    pub(super) notices: u8,
}

impl Left {
    fn sum(self) -> u32 {
        let all = [
            self.requests,
            self.acts,
            self.crashes,
            self.slow_workers,
            self.failed_calls,
            self.expiries,
            self.notices,
        ];
        all.into_iter().map(u32::from).sum()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) requests: [Request; REQUESTS],
    pub(super) links: [Option<Link>; REQUESTS],
    pub(super) mails: [Option<Mail>; MAILS],
    pub(super) issues: [Job; REQUESTS],
    pub(super) sends: [Job; MAILS],
    pub(super) account: Account,
    pub(super) sessions: [Option<Session>; SESSIONS],
    pub(super) workers: [Worker; 2],
    pub(super) customers: [Customer; 2],
    /// The identities under which mail APIs have taken each mail, one bit each.
    pub(super) taken: [u16; MAILS],
    /// A password was set by a customer who knew an earlier one alone.
    pub(super) was_taken_over: bool,
    pub(super) left: Left,
}

impl World {
    pub(super) fn new(left: Left) -> Self {
        Self {
            requests: [Request::NotAsked; REQUESTS],
            links: [None; REQUESTS],
            mails: [None; MAILS],
            issues: [Job::None; REQUESTS],
            sends: [Job::None; MAILS],
            account: Account { password: 0, epoch: 0 },
            sessions: [None; SESSIONS],
            workers: [Worker::Idle; 2],
            customers: [Customer::Idle; 2],
            taken: [0; MAILS],
            was_taken_over: false,
            left,
        }
    }

    pub(super) fn job(&self, task: Task) -> Job {
        match task {
            Task::Issue(request) => self.issues[usize::from(request)],
            Task::Send(mail) => self.sends[usize::from(mail)],
        }
    }

    pub(super) fn job_mut(&mut self, task: Task) -> &mut Job {
        match task {
            Task::Issue(request) => &mut self.issues[usize::from(request)],
            Task::Send(mail) => &mut self.sends[usize::from(mail)],
        }
    }

    pub(super) fn tasks() -> impl Iterator<Item = Task> {
        let issues = (0..REQUESTS).map(|request| Task::Issue(u8::try_from(request).unwrap()));
        issues.chain((0..MAILS).map(|mail| Task::Send(u8::try_from(mail).unwrap())))
    }

    pub(super) fn has_job(&self, task: Task) -> bool {
        self.job(task) != Job::None
    }

    pub(super) fn has_worker(&self, task: Task) -> bool {
        let job = self.job(task);
        self.workers.iter().any(|worker| worker.is_at(task, job))
    }

    pub(super) fn is_live(&self, session: Session) -> bool {
        !session.has_ended && session.epoch == self.account.epoch
    }

    /// A number that each step lowers, so that nothing goes on for ever: in every run the workers come to rest.
    pub(super) fn work_left(&self) -> u32 {
        let of_task = |task| match (self.job(task), task) {
            (Job::None, _) => 0,
            (_, Task::Issue(_)) => 100 + if self.has_worker(task) { 0 } else { 10 },
            (_, Task::Send(_)) => 40 + if self.has_worker(task) { 0 } else { 10 },
        };
        let of_worker = |worker: &Worker| {
            let owns = Self::tasks().any(|task| worker.is_at(task, self.job(task)));
            let steps = match worker {
                Worker::Idle => return 10,
                // Its mail is due again, or another mail API gets it.
                Worker::Answered { answer, .. } if *answer != Answer::Taken => 27,
                Worker::Serving { .. } => 11,
                Worker::Preparing { .. } => 9,
                Worker::Calling { way: Provider::First, .. } => 8,
                Worker::Answered { way: Provider::First, .. } => 7,
                Worker::Calling { way: Provider::Second, .. } => 6,
                Worker::Answered { way: Provider::Second, .. } => 5,
            };
            // A worker that has lost its claim falls back to idle in the end.
            steps + if owns { 0 } else { 6 }
        };
        let of_customer = |customer: &Customer| u32::from(*customer != Customer::Idle);
        self.left.sum() * 1000
            + Self::tasks().map(of_task).sum::<u32>()
            + self.workers.iter().map(of_worker).sum::<u32>()
            + self.customers.iter().map(of_customer).sum::<u32>()
    }
}
