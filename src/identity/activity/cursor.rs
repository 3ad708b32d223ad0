//! Where a page ends. The text is sealed with the account's id: nobody learns or makes up anything by it.

use chrono::TimeDelta;

use crate::{
    app::App,
    crypto::Keyring,
    identity::{
        field_error::{Field, FieldError},
        sealed_cursor::{self, latest, micros, moment},
        sessions::Customer,
    },
    store::{audit_events::TrailPlace, failed_sign_ins::Place},
    types::{AccountId, Fault, UtcTime},
};

/// The event behind which a page begins. At one moment, entries of the trail stand before the sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    /// The beginning of the list.
    Start,
    /// An entry of the audit trail.
    Entry(TrailPlace),
    /// A sum of failed sign-ins.
    Sum(Place),
}

impl Cursor {
    /// Reads the `next` of a page that the customer got; without one the list begins at its start.
    ///
    /// # Errors
    /// The field error for a text that is none of this account's, was changed, or is older than a day.
    pub fn read(app: &App, customer: &Customer, text: Option<&str>) -> Result<Self, FieldError> {
        let Some(text) = text else { return Ok(Self::Start) };
        let opened = Self::open(&app.keyring, &customer.account.id, text, app.clock.now());
        opened.ok_or(FieldError::invalid_format(Field::After))
    }

    /// Behind which entries of the trail the page begins.
    pub(super) fn in_trail(&self) -> TrailPlace {
        match self {
            Self::Start => TrailPlace { occurred_at: latest(), id: String::new() },
            Self::Entry(place) => place.clone(),
            // Every entry of this moment stands before the sum.
            Self::Sum(place) => TrailPlace { occurred_at: place.first_at, id: String::new() },
        }
    }

    /// Behind which sums the page begins.
    pub(super) fn in_sums(&self) -> Place {
        match self {
            Self::Start => Place { first_at: latest(), presented: String::new() },
            // Every sum of this moment stands behind the entry.
            Self::Entry(place) => {
                Place { first_at: place.occurred_at + TimeDelta::microseconds(1), presented: String::new() }
            }
            Self::Sum(place) => place.clone(),
        }
    }

    /// The cursor as a text for the account's owner.
    pub(super) fn seal(&self, keyring: &Keyring, account_id: &AccountId, now: UtcTime) -> Result<String, Fault> {
        let (kind, at, id) = match self {
            Self::Start => return Err(Fault::broken_invariant("a page that ends at its beginning")),
            Self::Entry(TrailPlace { occurred_at, id }) => (ENTRY, occurred_at, id),
            Self::Sum(Place { first_at, presented }) => (SUM, first_at, presented),
        };
        sealed_cursor::seal_dated(keyring, &reader(account_id), &format!("{kind} {} {id}", micros(*at)), now)
    }

    /// Opens a text; `None` where it is none of this account, was changed, or is older than a day.
    fn open(keyring: &Keyring, account_id: &AccountId, text: &str, now: UtcTime) -> Option<Self> {
        let place = sealed_cursor::open_dated(keyring, &reader(account_id), text, now)?;
        let mut parts = place.splitn(3, ' ');
        let (kind, at, id) = (parts.next()?, moment(parts.next()?)?, parts.next()?.to_owned());
        match kind {
            ENTRY => Some(Self::Entry(TrailPlace { occurred_at: at, id })),
            SUM => Some(Self::Sum(Place { first_at: at, presented: id })),
            _ => None,
        }
    }
}

const ENTRY: &str = "e";
const SUM: &str = "s";

fn reader(account_id: &AccountId) -> String {
    format!("activity/{account_id}")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use data_encoding::BASE64;
    use secrecy::SecretString;

    use super::*;
    use crate::{config::SecretKeyBytes, types::random_bytes};

    fn keyring() -> Keyring {
        let text = SecretString::from(BASE64.encode(&random_bytes::<32>()));
        Keyring::new(&SecretKeyBytes::parse(&text).unwrap(), None).unwrap()
    }

    #[test]
    fn ow_08_a_cursor_serves_its_account_for_a_day() {
        let (keyring, owner, other) = (keyring(), AccountId::mint(), AccountId::mint());
        let now = DateTime::from_timestamp_micros(1_795_356_300_123_456).unwrap().naive_utc();
        for cursor in [
            Cursor::Entry(TrailPlace { occurred_at: now, id: "abc".to_owned() }),
            Cursor::Sum(Place { first_at: now, presented: String::new() }),
            Cursor::Sum(Place { first_at: now, presented: "former/abc".to_owned() }),
        ] {
            let text = cursor.seal(&keyring, &owner, now).unwrap();
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)), "{text}");
            let open = |account, text: &str, at| Cursor::open(&keyring, account, text, at);
            assert_eq!(open(&owner, &text, now), Some(cursor));
            assert_eq!(open(&owner, &text, now + sealed_cursor::LIFETIME), None);
            assert_eq!(open(&other, &text, now), None);
            assert_eq!(open(&owner, &format!("{text}A"), now), None);
            assert_eq!(open(&owner, &text[1..], now), None);
            assert_eq!(Cursor::open(&super::tests::keyring(), &owner, &text, now), None);
        }
        for text in ["", ".", "x", "a.b", "\u{202e}.\u{202e}"] {
            assert_eq!(Cursor::open(&keyring, &owner, text, now), None, "{text}");
        }
    }
}
