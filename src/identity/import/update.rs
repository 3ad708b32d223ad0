//! What a nightly feed says of accounts that exist.

use super::{
    check::CheckedRow,
    feed_address::{FeedEmail, compare_feed_email, feed_email_hash},
};
use crate::{
    app::App,
    identity::{accounts::close::close_account, email_change::set::put_on_file, transaction::Tx},
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::{Event, Fact},
        imports::{self, FedProfile},
    },
    types::{DisplayName, EmailAddress, Locale, Reason, told::AccountField},
};

/// The reason in the trail of an address that a feed has put on file.
const FEED: &str = "import --update";

/// An access that a row closes.
#[derive(PartialEq, Eq)]
struct Closing {
    reason: Option<Reason>,
}

/// What a row changes of an account.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Changes {
    email: Option<EmailAddress>,
    /// The address of the row is remembered as the feed's last one.
    is_email_noted: bool,
    locale: Option<Locale>,
    display_name: Option<DisplayName>,
    closing: Option<Closing>,
}

impl Changes {
    /// What a row changes of an account. An address is taken where the feed has named another one before: where it goes
    /// on saying the same, the owner or support, who changed the address since, has the last word (AD-05). Where the feed has named
    /// none yet, its address is remembered, and taken only by an account without any. A contested access keeps its
    /// address. Nothing sets a password or opens access again.
    pub(super) fn between(app: &App, account: &Account, row: &CheckedRow) -> Self {
        let last = account.feed_email_hash.as_deref();
        let compared = |email: &EmailAddress| compare_feed_email(&app.keyring, last, email);
        let is_other =
            |email: &EmailAddress| account.email.as_ref().map(EmailAddress::canonical) != Some(email.canonical());
        let is_taken = |email: &&EmailAddress| {
            let says_other = match compared(email) {
                FeedEmail::Same => false,
                FeedEmail::Another => true,
                FeedEmail::Unknown => account.email.is_none(),
            };
            says_other && is_other(email) && account.contested_since.is_none()
        };
        let is_noted =
            |email: &EmailAddress| compared(email) != FeedEmail::Same && account.contested_since.is_none();
        Self {
            email: row.email.as_ref().filter(is_taken).cloned(),
            is_email_noted: row.email.as_ref().is_some_and(is_noted),
            locale: row.locale.filter(|locale| *locale != account.locale),
            display_name: row.display_name.clone().filter(|name| Some(name) != account.display_name.as_ref()),
            closing: (row.is_closed && account.closed_at.is_none())
                .then(|| Closing { reason: row.closed_reason.clone() }),
        }
    }

    /// Whether there is anything to write.
    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The fields that change, for the report; `None` where nothing is to be seen of it.
    pub(super) fn words(&self) -> Option<String> {
        let words: Vec<&str> = [
            self.email.as_ref().map(|_| "email"),
            self.locale.map(|_| "locale"),
            self.display_name.as_ref().map(|_| "display_name"),
            self.closing.as_ref().map(|_| "closed"),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// Changes an account as a row says. The account is locked and read again first.
pub(super) fn change_account(tx: &mut Tx<'_>, seen: &Account, row: &CheckedRow) -> Result<Changes, StoreError> {
    let app = tx.app.clone();
    let Some(account) = accounts::lock(tx, &seen.id)? else { return Ok(Changes::default()) };
    let changes = Changes::between(&app, &account, row);
    if changes.is_none() {
        return Ok(changes);
    }
    if let Some(email) = &changes.email {
        put_on_file(tx, &account, email, Reason::parse(FEED).ok().as_ref())?;
    }
    if let Some(Closing { reason }) = &changes.closing {
        close_account(tx, &account, reason.as_ref())?;
    }
    let noted =
        row.email.as_ref().filter(|_| changes.is_email_noted).map(|email| feed_email_hash(&app.keyring, email));
    let profile = FedProfile {
        locale: changes.locale.unwrap_or(account.locale),
        display_name: changes.display_name.as_ref().or(account.display_name.as_ref()),
        email_hash: noted.as_deref().or(account.feed_email_hash.as_deref()),
    };
    imports::set_profile(tx, &account.id, &profile)?;
    if changes.locale.is_some() || changes.display_name.is_some() {
        let before = account.display_name.as_ref().map_or("no name", DisplayName::as_str);
        let detail = format!("import --update; before: {}, {before}", account.locale);
        let fields = [
            changes.locale.map(|_| AccountField::Locale),
            changes.display_name.as_ref().map(|_| AccountField::DisplayName),
        ];
        let fact = Fact::Changed(fields.into_iter().flatten().collect());
        tx.entry(Event::UserUpdated).about(&account).of_import().fact(fact).detail(&detail).append(tx)?;
    }
    Ok(changes)
}
