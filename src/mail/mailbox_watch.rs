//! Whether providers of mailboxes take the mails to their customers, as far as this process is told. Each process that
//! receives delivery events judges its own, which are a sample of all. `docs/operations.md` says what follows from that.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::TimeDelta;

use crate::types::UtcTime;

/// The time over which reports count.
const PERIOD: TimeDelta = TimeDelta::hours(1);
/// The reports of a provider that are kept. Further ones take the place of the oldest.
const MOST_REPORTS: usize = 1000;
/// How many reports speak for a share.
const LEAST_REPORTS: usize = 20;
/// A provider begins to refuse at this share of refused mails, in percent.
const BEGINS_AT: usize = 50;
/// A provider goes on refusing down to this share, so that the alarm is not raised again and again around one share.
const ENDS_BELOW: usize = 20;
/// How long the count of the domains of accounts holds.
const COUNT_HOLDS: TimeDelta = TimeDelta::hours(1);

/// What a provider of mailboxes has done with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// The mail is in the mailbox.
    Taken,
    /// The mail was put off or sent back, for a cause that does not lie with the mailbox.
    Refused,
}

/// Whether a provider refuses a large share of the mails, before and after a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refuses {
    /// Before the report.
    pub before: bool,
    /// After it.
    pub now: bool,
}

/// What is remembered of providers of mailboxes. Their names are a small set.
#[derive(Default)]
pub struct MailboxWatch {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    counted_at: Option<UtcTime>,
    providers: BTreeMap<String, Provider>,
}

#[derive(Default)]
struct Provider {
    /// The times of the reports, the oldest first, and whether the mail was refused.
    reports: VecDeque<(UtcTime, Acceptance)>,
    refuses: bool,
}

impl MailboxWatch {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the domains of the accounts were not counted within the last hour.
    #[must_use]
    pub fn is_count_due(&self, now: UtcTime) -> bool {
        self.lock().counted_at.is_none_or(|counted_at| counted_at + COUNT_HOLDS <= now)
    }

    /// Notes that the domains of the accounts were counted.
    pub fn counted(&self, now: UtcTime) {
        self.lock().counted_at = Some(now);
    }

    /// Notes a report about a mail to a customer of the provider.
    pub fn note(&self, provider: &str, acceptance: Acceptance, now: UtcTime) -> Refuses {
        let mut state = self.lock();
        let provider = state.providers.entry(provider.to_owned()).or_default();
        provider.note(acceptance, now)
    }
}

impl Provider {
    fn note(&mut self, acceptance: Acceptance, now: UtcTime) -> Refuses {
        let before = self.refuses;
        if self.reports.len() >= MOST_REPORTS {
            self.reports.pop_front();
        }
        self.reports.push_back((now, acceptance));
        while self.reports.front().is_some_and(|(at, _)| *at + PERIOD <= now) {
            self.reports.pop_front();
        }
        let all = self.reports.len();
        let refused = self.reports.iter().filter(|(_, acceptance)| *acceptance == Acceptance::Refused).count();
        // A few reports say nothing, neither for nor against.
        if all >= LEAST_REPORTS {
            let least = if before { ENDS_BELOW } else { BEGINS_AT };
            self.refuses = refused * 100 >= all * least;
        }
        Refuses { before, now: self.refuses }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{Acceptance::*, *};

    fn at(minutes: i64) -> UtcTime {
        let noon = NaiveDate::from_ymd_opt(2026, 11, 28).unwrap().and_hms_opt(12, 0, 0).unwrap();
        noon + TimeDelta::minutes(minutes)
    }

    /// Notes `count` reports, and says whether the provider refuses after the last one.
    fn note(watch: &MailboxWatch, count: usize, acceptance: Acceptance, minutes: i64) -> bool {
        (0..count).fold(false, |_, _| watch.note("gmail.com", acceptance, at(minutes)).now)
    }

    #[test]
    fn op_06_a_provider_refuses_from_half_of_the_mails_on_and_down_to_a_fifth() {
        let watch = MailboxWatch::default();
        assert!(!note(&watch, 19, Refused, 0), "too few to tell");
        assert!(note(&watch, 1, Refused, 0));
        assert!(!watch.note("gmx.net", Refused, at(0)).now, "another provider");
        assert!(note(&watch, 60, Taken, 1), "a quarter is refused");
        assert!(!note(&watch, 21, Taken, 2), "less than a fifth is");
        assert!(!note(&watch, 30, Refused, 3), "less than half is");
        assert!(note(&watch, 40, Refused, 59), "half is");
    }

    #[test]
    fn op_06_reports_count_for_an_hour_and_are_not_kept_without_bound() {
        let watch = MailboxWatch::default();
        assert!(note(&watch, 20, Refused, 0));
        assert!(note(&watch, 1, Taken, 60), "one report says nothing");
        assert!(!note(&watch, 19, Taken, 61));
        note(&watch, 5000, Taken, 62);
        assert_eq!(watch.lock().providers["gmail.com"].reports.len(), MOST_REPORTS);
    }
}
