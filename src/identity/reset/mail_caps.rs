//! How many reset mails one number and one address may get (RL-08).

use super::mail_history::MailHistory;
use crate::{
    config::Limit,
    identity::transaction::Tx,
    store::{StoreError, reset_mails},
    types::{CustomerNumber, EmailAddress, UtcTime},
};

/// Whether a cap allows one more mail.
pub(in crate::identity) enum Room {
    Exhausted,
    ForOneMore,
    /// With this mail the cap is exhausted until `frees_at`.
    ForTheLast {
        frees_at: UtcTime,
    },
}

impl Room {
    /// Whether both caps allow one more mail.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exhausted, _) | (_, Self::Exhausted) => Self::Exhausted,
            (Self::ForOneMore, room) | (room, Self::ForOneMore) => room,
            (Self::ForTheLast { frees_at: one }, Self::ForTheLast { frees_at: other }) => {
                Self::ForTheLast { frees_at: one.max(other) }
            }
        }
    }
}

/// Whether the caps of the number and of its address allow one more mail. The number is locked; the address is locked
/// here until the transaction ends. A decoy has no address and takes the same statements.
pub(in crate::identity) fn find_room(
    tx: &mut Tx<'_>,
    number: &CustomerNumber,
    recipient: Option<&EmailAddress>,
    history: &MailHistory,
) -> Result<Room, StoreError> {
    let limits = tx.app.config.limits;
    let of_number = history.sent_times();
    let mut room = Room::ForOneMore;
    for limit in limits.reset_mails.into_iter().flatten() {
        room = room.and(room_in(limit, &of_number, tx.now));
    }
    let Some(limit) = limits.reset_mails_address else { return Ok(room) };
    let name = recipient.map_or_else(|| format!("decoy/{}", number.as_str()), EmailAddress::canonical);
    reset_mails::lock_recipient(tx, &name)?;
    let since = tx.now - limit.period;
    let of_address = reset_mails::list_of_address(tx, recipient, since)?;
    // A mail that waits may go out at any time, so it counts as one that goes out now.
    let mut of_address: Vec<UtcTime> = of_address.into_iter().map(|sent_at| sent_at.unwrap_or(tx.now)).collect();
    of_address.sort_unstable_by(|one, other| other.cmp(one));
    let is_first = !of_number.iter().any(|sent_at| *sent_at > since);
    Ok(room.and(room_at_address(limit, &of_address, is_first, tx.now)))
}

/// Whether the cap of an address allows one more mail to a number. The first mail of a number is never withheld:
/// strangers could otherwise spend what the address gets through another number that shares it.
fn room_at_address(limit: Limit, made: &[UtcTime], is_first: bool, now: UtcTime) -> Room {
    // Once this mail has left the period, the number has a first mail again.
    let next_first_at = now + limit.period;
    match room_in(limit, made, now) {
        Room::Exhausted if is_first => {
            let frees_at = full_until(limit, limit.count - 1, made, now).unwrap_or(next_first_at);
            Room::ForTheLast { frees_at: frees_at.min(next_first_at) }
        }
        room => room,
    }
}

fn room_in(limit: Limit, made: &[UtcTime], now: UtcTime) -> Room {
    if full_until(limit, limit.count, made, now).is_some() {
        return Room::Exhausted;
    }
    // With this mail there will be one more.
    let with_this = match limit.count {
        1 => Some(now + limit.period),
        count => full_until(limit, count - 1, made, now),
    };
    with_this.map_or(Room::ForOneMore, |frees_at| Room::ForTheLast { frees_at })
}

/// Until when `count` mails fall into the limit's period; `None` where fewer do. `made` lists the newest mail first.
fn full_until(limit: Limit, count: i32, made: &[UtcTime], now: UtcTime) -> Option<UtcTime> {
    let last = usize::try_from(count).ok()?.checked_sub(1)?;
    made.get(last).map(|made_at| *made_at + limit.period).filter(|frees_at| *frees_at > now)
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};

    use super::*;

    fn at(minutes: i64) -> UtcTime {
        let noon = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap().and_hms_opt(12, 0, 0).unwrap();
        noon + TimeDelta::minutes(minutes)
    }

    fn frees_at(room: &Room) -> Option<UtcTime> {
        match room {
            Room::ForTheLast { frees_at } => Some(*frees_at),
            Room::Exhausted | Room::ForOneMore => None,
        }
    }

    #[test]
    fn rl_08_a_full_address_lets_a_first_mail_through_with_a_long_link() {
        let limit = Limit { count: 3, period: TimeDelta::hours(24) };
        let full = [at(-10), at(-20), at(-30)];
        assert!(matches!(room_at_address(limit, &full, false, at(0)), Room::Exhausted));
        // Two of the three have to leave the period before two are left beside the first mail.
        let first = room_at_address(limit, &full, true, at(0));
        assert_eq!(frees_at(&first), Some(at(-20) + limit.period));
        let last = room_at_address(limit, &full[1..], false, at(0));
        assert_eq!(frees_at(&last), Some(at(-30) + limit.period));
        assert!(matches!(room_at_address(limit, &full[2..], false, at(0)), Room::ForOneMore));
    }

    #[test]
    fn rl_08_a_cap_of_one_is_exhausted_by_each_mail() {
        let limit = Limit { count: 1, period: TimeDelta::hours(1) };
        assert_eq!(frees_at(&room_in(limit, &[], at(0))), Some(at(60)));
        assert!(matches!(room_in(limit, &[at(-59)], at(0)), Room::Exhausted));
        assert_eq!(frees_at(&room_at_address(limit, &[at(-59)], true, at(0))), Some(at(60)));
    }
}
