//! What `restore-epoch` says of the time since the backup.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    cli::common::timestamp,
    identity::restore::{Assessment, ChangeKind, Verdict},
    types::CustomerNumber,
};

/// What a file tells of the time since the backup, and what became of it.
pub(super) struct SinceBackup {
    /// How many records the file has.
    pub(super) told: usize,
    /// How many of them are of the time after the backup.
    pub(super) lost: usize,
    /// The changes, in the order in which they happened.
    pub(super) changes: Vec<Assessment>,
    /// How many records there are of what no backup brings back.
    pub(super) other: BTreeMap<String, u64>,
}

impl SinceBackup {
    pub(super) fn value(&self) -> Value {
        let change = |assessment: &Assessment| {
            let Assessment { id, customer_number, change, at, verdict } = assessment;
            let number = customer_number.as_ref().map(CustomerNumber::as_str);
            json!({
                "id": id, "customer_number": number, "change": change, "at": timestamp(*at), "verdict": verdict,
            })
        };
        json!({
            "events": self.told,
            "since_backup": self.lost,
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
            "other": self.other,
        })
    }

    /// A line for each change, and what a person has to do.
    pub(super) fn text(&self) -> String {
        let Self { told, lost, changes, other } = self;
        let mut lines = vec![format!("{lost} of the {told} events in the file are of the time since the backup.")];
        lines.extend(changes.iter().map(line_of));
        let count: u64 = other.values().sum();
        if count > 0 {
            let names: Vec<String> = other.iter().map(|(name, count)| format!("{name} ({count})")).collect();
            lines.push(format!("  nothing to do about {count} others: {}", names.join(", ")));
        }
        let by_hand: Vec<ChangeKind> =
            changes.iter().filter(|one| one.verdict == Verdict::ByHand).map(|one| one.change).collect();
        lines.extend(
            ChangeKind::ALL.iter().filter(|kind| by_hand.contains(kind)).filter_map(|kind| what_to_do(*kind)),
        );
        lines.join("\n")
    }
}

fn line_of(assessment: &Assessment) -> String {
    let Assessment { id, customer_number, change, at, verdict } = assessment;
    let who = customer_number.as_ref().map_or(id.as_str(), CustomerNumber::as_str);
    let what = match change {
        ChangeKind::Made => "made",
        ChangeKind::Updated => "language or name changed",
        ChangeKind::Closed => "closed",
        ChangeKind::Reopened => "opened again",
        ChangeKind::Erased => "erased",
        ChangeKind::LockedDown => "locked down",
        ChangeKind::Contested => "locked down, contested",
        ChangeKind::Password => "password replaced or expired",
        ChangeKind::Address => "address changed",
        ChangeKind::Client => "machine client changed",
    };
    let outcome = match verdict {
        Verdict::Due => "to be repeated",
        Verdict::Repeated if *change == ChangeKind::Password => "the password has expired",
        Verdict::Repeated => "repeated",
        Verdict::InPlace => "so already",
        Verdict::Superseded => "decided otherwise since",
        Verdict::ByHand => "by hand",
    };
    format!("  {}  {who:<26}  {what:<28}  {outcome}", timestamp(*at))
}

/// What a person does about the changes of a kind that only a person can repeat.
fn what_to_do(change: ChangeKind) -> Option<String> {
    let sentence = match change {
        ChangeKind::Made => "made: the database has no such account; make it with `account create`, or by the feed",
        ChangeKind::Updated => "language or name changed: bring them up to date by the feed, or with PATCH",
        ChangeKind::Reopened => "opened again: the access is closed; open it with `account reopen`",
        ChangeKind::Address => {
            "address changed: the address on file is the one before, and gets no link for seven days; put the right one \
             on file with `account set-email`"
        }
        ChangeKind::Client => {
            "machine client changed: look at `client list`; revoke it, or hand its next secret out"
        }
        ChangeKind::Closed
        | ChangeKind::Erased
        | ChangeKind::LockedDown
        | ChangeKind::Contested
        | ChangeKind::Password => return None,
    };
    Some(format!("By hand, {sentence}."))
}
