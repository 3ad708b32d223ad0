//! What records come to, account by account.

use std::collections::BTreeMap;

use super::record::{Happening, Record};
use crate::types::{AccountId, UtcTime};

/// What has happened to one account since the backup. Of acts that undo each other the last one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChanges {
    /// When it was made.
    pub made: Option<UtcTime>,
    /// When language or name were last changed.
    pub updated: Option<UtcTime>,
    /// When access was closed, where it was not opened again.
    pub closed: Option<UtcTime>,
    /// When access was opened again, where it was not closed afterwards.
    pub reopened: Option<UtcTime>,
    /// When it was erased.
    pub erased: Option<UtcTime>,
    /// When it was locked down, where no password was set afterwards.
    pub locked_down: Option<UtcTime>,
    /// Whether the lock-down left it to support whose the address is.
    pub contested: bool,
    /// When the password that the database has was last replaced or made unusable.
    pub password: Option<UtcTime>,
    /// When the address on file was last changed.
    pub address: Option<UtcTime>,
}

impl AccountChanges {
    /// Adds what happened next.
    fn add(&mut self, what: Happening, at: UtcTime) {
        match what {
            Happening::Made => self.made = Some(at),
            Happening::Updated => self.updated = Some(at),
            Happening::Closed => (self.closed, self.reopened) = (Some(at), None),
            Happening::Reopened => (self.closed, self.reopened) = (None, Some(at)),
            Happening::Erased => self.erased = Some(at),
            Happening::LockedDown { contested } => {
                self.contested = contested || (self.contested && self.locked_down.is_some());
                self.locked_down = Some(at);
            }
            // The owner came back in. The new password is lost, and the one that was locked out must stay out.
            Happening::PasswordReplaced => (self.locked_down, self.password) = (None, Some(at)),
            Happening::PasswordExpired => self.password = Some(at),
            Happening::AddressChanged => self.address = Some(at),
            Happening::ClientChanged | Happening::Other => {}
        }
    }
}

/// What has happened since the backup.
#[derive(Debug, Default)]
pub struct Changes {
    /// By the id of the account.
    pub accounts: BTreeMap<String, AccountChanges>,
    /// When each machine client was last changed, by its id.
    pub clients: BTreeMap<String, UtcTime>,
    /// How many records there are of what no backup brings back, by their names.
    pub other: BTreeMap<String, u64>,
}

impl Changes {
    /// Sums records up, which are in the order in which they happened.
    #[must_use]
    pub fn of(records: &[Record]) -> Self {
        let mut changes = Self::default();
        for Record { what, at, name, account_id, client_id, .. } in records {
            match (what, account_id, client_id) {
                (Happening::ClientChanged, _, Some(client)) => {
                    changes.clients.insert(client.clone(), *at);
                }
                (Happening::ClientChanged | Happening::Other, ..) | (_, None, _) => {
                    *changes.other.entry(name.clone()).or_default() += 1;
                }
                (what, Some(account), _) => changes.of_account(account).add(*what, *at),
            }
        }
        changes
    }

    fn of_account(&mut self, id: &AccountId) -> &mut AccountChanges {
        self.accounts.entry(id.as_str().to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};

    use super::*;

    fn at(minute: i64) -> UtcTime {
        let noon = NaiveDate::from_ymd_opt(2026, 11, 28).unwrap().and_hms_opt(12, 0, 0).unwrap();
        noon + TimeDelta::minutes(minute)
    }

    fn after(happenings: &[Happening]) -> AccountChanges {
        let mut changes = AccountChanges::default();
        for (minute, what) in (0..).zip(happenings) {
            changes.add(*what, at(minute));
        }
        changes
    }

    #[test]
    fn dp_07_of_acts_that_undo_each_other_the_last_one_counts() {
        use Happening::{Closed, LockedDown, PasswordReplaced, Reopened};
        let closed = after(&[Closed, Reopened, Closed]);
        assert_eq!((closed.closed, closed.reopened), (Some(at(2)), None));
        let open = after(&[Closed, Reopened]);
        assert_eq!((open.closed, open.reopened), (None, Some(at(1))));
        let back_in = after(&[LockedDown { contested: false }, PasswordReplaced]);
        assert_eq!((back_in.locked_down, back_in.password), (None, Some(at(1))));
        let locked = after(&[PasswordReplaced, LockedDown { contested: true }, LockedDown { contested: false }]);
        assert_eq!((locked.locked_down, locked.contested, locked.password), (Some(at(2)), true, Some(at(0))));
        let decided = after(&[LockedDown { contested: true }, PasswordReplaced, LockedDown { contested: false }]);
        assert!(!decided.contested);
    }
}
