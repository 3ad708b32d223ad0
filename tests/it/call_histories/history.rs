//! What is known of a run: every call with its answer, what arrived outside, what was done to the service, and the
//! tables at the end.

use std::collections::BTreeMap;

use super::final_tables::FinalTables;

/// A time, in microseconds from the start of the run, by the clock of the test.
pub(super) type Micros = u64;
/// The end of an effect that may still come.
pub(super) const NEVER: Micros = Micros::MAX;

/// What a caller asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    AskReset { number: String },
    Verify { number: String, token: String },
    Withdraw { number: String, token: String },
    Complete { number: String, token: String, password: String },
    SignIn { number: String, password: String },
    Refresh { session: String, token: String },
    SignOut { session: String },
    ReadAccount { session: String },
    Close { number: String },
    Reopen { number: String },
    ReadEvents,
    DescribeEndpoint { description: String },
}

impl Act {
    /// The status with which the act is done.
    pub(super) const fn success(&self) -> u16 {
        match self {
            Self::AskReset { .. } => 202,
            Self::SignIn { .. } => 201,
            Self::SignOut { .. } => 204,
            _ => 200,
        }
    }

    /// The statuses with which it may be refused.
    pub(super) const fn refusals(&self) -> &'static [u16] {
        match self {
            Self::Verify { .. } | Self::Withdraw { .. } | Self::Complete { .. } => &[410],
            Self::SignIn { .. } => &[401, 403],
            Self::Refresh { .. } | Self::SignOut { .. } | Self::ReadAccount { .. } => &[401],
            _ => &[],
        }
    }

    /// The name by which calls are counted.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::AskReset { .. } => "reset asked for",
            Self::Verify { .. } => "link verified",
            Self::Withdraw { .. } => "link withdrawn",
            Self::Complete { .. } => "link used",
            Self::SignIn { .. } => "sign-in",
            Self::Refresh { .. } => "refresh",
            Self::SignOut { .. } => "sign-out",
            Self::ReadAccount { .. } => "account read",
            Self::Close { .. } => "closing",
            Self::Reopen { .. } => "reopening",
            Self::ReadEvents => "events read",
            Self::DescribeEndpoint { .. } => "endpoint described",
        }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// A status, with nothing that is followed.
    Status(u16),
    /// The success of a sign-in or a refresh: the session, and its next refresh token.
    Issued { session: String, token: String },
    /// The ids of a page of events, in their order.
    Events(Vec<String>),
    /// No answer, or one that broke off.
    Nothing,
}

/// What a call has done, as far as its answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// It had no effect.
    Refused,
    /// Nobody knows. The effect may come after the end of the call.
    Unknown,
}

#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) began: Micros,
    pub(super) ended: Micros,
    pub(super) caller: usize,
    pub(super) act: Act,
    pub(super) seen: Seen,
}

impl Call {
    pub(super) fn status(&self) -> Option<u16> {
        match &self.seen {
            Seen::Status(status) => Some(*status),
            Seen::Issued { .. } | Seen::Events(_) => Some(self.act.success()),
            Seen::Nothing => None,
        }
    }

    /// The database may have committed what a fault of the service has answered.
    pub(super) fn outcome(&self) -> Outcome {
        match self.status() {
            Some(status) if status == self.act.success() => Outcome::Done,
            Some(..500) => Outcome::Refused,
            _ => Outcome::Unknown,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.outcome() == Outcome::Done
    }

    /// Whether it has had an effect, or may have.
    pub(super) fn may_be_done(&self) -> bool {
        self.outcome() != Outcome::Refused
    }

    /// The time by which its effect, if it has one, has come.
    pub(super) fn settled(&self) -> Micros {
        if self.outcome() == Outcome::Unknown { NEVER } else { self.ended }
    }
}

/// A mail, as it arrived at the mail API.
#[derive(Debug, Clone)]
pub(super) struct Mail {
    pub(super) at: Micros,
    /// The idempotency key, by which the mail API knows a mail again.
    pub(super) key: String,
    /// The token of the link that it holds.
    pub(super) token: Option<String>,
    /// A checksum of the whole mail.
    pub(super) checksum: u64,
    pub(super) is_taken: bool,
}

/// An event, as it arrived at the receiver of webhooks.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    pub(super) at: Micros,
    pub(super) id: String,
    /// A checksum of the body.
    pub(super) checksum: u64,
    pub(super) is_taken: bool,
}

/// Something that was done to the service or its surroundings.
#[derive(Debug, Clone)]
pub(super) struct Disturbance {
    pub(super) name: &'static str,
    pub(super) from: Micros,
    pub(super) until: Micros,
}

#[derive(Debug, Clone)]
pub(super) struct Customer {
    pub(super) account: String,
    pub(super) first_password: String,
}

#[derive(Debug, Clone, Default)]
pub(super) struct History {
    /// The customers, by their numbers.
    pub(super) customers: BTreeMap<String, Customer>,
    /// The calls, in the order of their starts.
    pub(super) calls: Vec<Call>,
    pub(super) mails: Vec<Mail>,
    pub(super) webhooks: Vec<Webhook>,
    pub(super) disturbances: Vec<Disturbance>,
    /// How many events there were before the first call.
    pub(super) events_before: usize,
    pub(super) tables: FinalTables,
}

/// How long a disturbance goes on to have effects: a process that was killed has handed over mails that it did not
/// record, and the attempts to record an outcome go on for a while.
const AFTERMATH: Micros = 15_000_000;
/// What a killed process has sent arrives a little later than the kill.
const ON_THE_WAY: Micros = 2_000_000;

impl History {
    /// Whether something was disturbed between two times, or shortly before.
    pub(super) fn is_disturbed(&self, from: Micros, until: Micros) -> bool {
        self.disturbances.iter().any(|disturbance| {
            disturbance.from <= until.saturating_add(ON_THE_WAY)
                && disturbance.until.saturating_add(AFTERMATH) >= from
        })
    }
}

/// Histories that are written by hand.
pub(super) mod by_hand {
    use super::{Act, Call, Customer, History, Micros, Seen};

    pub(in super::super) const NUMBER: &str = "100000";

    /// A customer with the password `first`, and these calls, each with its start and its end.
    pub(in super::super) fn history(calls: Vec<(Micros, Micros, Act, Seen)>) -> History {
        let customer = Customer { account: "account".into(), first_password: "first".into() };
        let calls = calls.into_iter().map(|(began, ended, act, seen)| Call { began, ended, caller: 0, act, seen });
        History { customers: [(NUMBER.to_owned(), customer)].into(), calls: calls.collect(), ..History::default() }
    }

    pub(in super::super) fn sign_in(password: &str) -> Act {
        Act::SignIn { number: NUMBER.into(), password: password.into() }
    }

    pub(in super::super) fn complete(token: &str, password: &str) -> Act {
        Act::Complete { number: NUMBER.into(), token: token.into(), password: password.into() }
    }

    pub(in super::super) fn verify(token: &str) -> Act {
        Act::Verify { number: NUMBER.into(), token: token.into() }
    }

    pub(in super::super) fn ask() -> Act {
        Act::AskReset { number: NUMBER.into() }
    }

    pub(in super::super) fn close() -> Act {
        Act::Close { number: NUMBER.into() }
    }

    pub(in super::super) fn reopen() -> Act {
        Act::Reopen { number: NUMBER.into() }
    }

    pub(in super::super) fn refresh(token: &str) -> Act {
        Act::Refresh { session: "s".into(), token: token.into() }
    }

    pub(in super::super) fn read_account() -> Act {
        Act::ReadAccount { session: "s".into() }
    }

    pub(in super::super) fn sign_out() -> Act {
        Act::SignOut { session: "s".into() }
    }

    /// The success of a sign-in or a refresh in the session `s`.
    pub(in super::super) fn issued(token: &str) -> Seen {
        Seen::Issued { session: "s".into(), token: token.into() }
    }
}
